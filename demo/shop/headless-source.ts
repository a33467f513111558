/** Shows the code of headless.ts beside the chat it makes, with a little colour. */
import source from './headless.ts?raw'

const TOKEN =
  /(?<comment>\/\/.*)|(?<string>'[^'\n]*'|`[^`]*`)|\b(?<keyword>import|from|const|let|async|await|function|return|for|of|new)\b/g

const code = document.getElementById('source')!
let end = 0
for (const match of source.matchAll(TOKEN)) {
  const piece = document.createElement('span')
  piece.className = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? ''
  piece.textContent = match[0]
  code.append(source.slice(end, match.index), piece)
  end = match.index + match[0].length
}
code.append(source.slice(end))
