/**
 * Gives a shadow root its styles without breaking a strict content security policy.
 *
 * Browsers without constructable sheets (Safari before 16.4) get a `<style>` with the nonce of the page's own scripts.
 */
export function adopt(root: ShadowRoot, css: string): void {
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
  } catch {
    // No constructable sheets here; the element does the same where the policy allows it.
    const style = document.createElement('style')
    const nonce = document.querySelector<HTMLElement>('script[nonce]')?.nonce
    if (nonce) style.nonce = nonce
    style.textContent = css
    root.append(style)
  }
}
