/** Whether a text is all that the pattern says, in which each `*` stands for anything. Capital letters are like small ones. */
export function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(text)
}
