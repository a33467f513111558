/**
 * Gives a shadow root its styles without breaking a strict content security policy.
 *
 * A sheet may say `tone(day, night)`: `light-dark()` under a name that the build does not know, because it would put
 * something in its place that cannot follow the page. Browsers without it always have day.
 */
export function adopt(root: ShadowRoot, css: string): void {
  const sheet = new CSSStyleSheet()
  const tone = CSS.supports('color:light-dark(red,red)') ? 'light-dark($1)' : '$2'
  sheet.replaceSync(css.replace(/tone\(((.+?),.+?)\)/g, tone))
  root.adoptedStyleSheets.push(sheet)
}
