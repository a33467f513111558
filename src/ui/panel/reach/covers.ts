/** Whether the element lies over what has the focus on the page. */
export function covers(element: HTMLElement): boolean {
  const focused = document.activeElement
  if (!focused || focused === document.body) return false
  const ours = element.getBoundingClientRect()
  const theirs = focused.getBoundingClientRect()
  return theirs.left < ours.right && theirs.right > ours.left && theirs.top < ours.bottom && theirs.bottom > ours.top
}
