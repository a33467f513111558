// @vitest-environment happy-dom
import { render } from '@testing-library/preact'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlOf } from '../../../src/ui/panel/rich/html.ts'
import { Markdown } from '../../../src/ui/panel/rich/Markdown.tsx'
import { blocksOf, inlineOf } from '../../../src/ui/panel/rich/markdown.ts'

const shown = (text: string) => render(<Markdown text={text} />).container
const html = (text: string) => shown(text).innerHTML.replace(/ (title|target|rel|tabindex|dir)="[^"]*"/g, '')

describe('text with marks', () => {
  it('turns a list as a whole, so that its marks stand where its words begin', () => {
    for (const text of ['- one\n- two', '1. one\n2. two']) {
      const list = shown(text).firstElementChild!
      expect(list.getAttribute('dir')).toBe('auto')
      // What had its own direction would have no say in that of the list.
      expect(list.querySelector('li[dir]')).toBeNull()
    }
  })

  it.each([
    ['one line', '<p>one line</p>'],
    ['two\nlines\n\nand another', '<p>two\nlines</p><p>and another</p>'],
    [
      '**bold** and *soft*, __bold__ and _soft_',
      '<p><strong>bold</strong> and <em>soft</em>, <strong>bold</strong> and <em>soft</em></p>'
    ],
    ['**bold with *soft* in it**', '<p><strong>bold with <em>soft</em> in it</strong></p>'],
    ['~~not~~ `npm ci` ``a ` b``', '<p><s>not</s> <code>npm ci</code> <code>a ` b</code></p>'],
    ['2 * 3 * 4, snake_case_name, 5*6', '<p>2 * 3 * 4, snake_case_name, 5*6</p>'],
    ['\\*not soft\\* and \\`no code\\`', '<p>*not soft* and `no code`</p>'],
    ['- one\n- two\n  more', '<ul><li>one</li><li>two\nmore</li></ul>'],
    ['3. three\n4) four', '<ol start="3"><li>three</li><li>four</li></ol>'],
    ['before\n- one\nafter', '<p>before</p><ul><li>one</li></ul><p>after</p>'],
    ['> said\n> somebody\nme', '<blockquote>said\nsomebody</blockquote><p>me</p>'],
    ['# Title #\ntext', '<p><strong>Title</strong></p><p>text</p>'],
    ['```js\nconst a = **b**\n```\nafter', '<pre><code>const a = **b**</code></pre><p>after</p>'],
    ['~~~~ not a fence, for more is said', '<p>~~~~ not a fence, for more is said</p>'],
    ['```\nnever closed', '<pre><code>never closed</code></pre>'],
    ['-no list, #no title, 1.no list', '<p>-no list, #no title, 1.no list</p>'],
    ['[our site](https://a.example/x_(y)) now', '<p><a href="https://a.example/x_(y)">our site</a> now</p>'],
    ['[**bold** link](www.a.example)', '<p><a href="https://www.a.example/">bold link</a></p>'],
    ['see https://a.example/x_y_z.', '<p>see <a href="https://a.example/x_y_z">https://a.example/x_y_z</a>.</p>'],
    ['![picture](https://a.example/track.gif)', '<p>!<a href="https://a.example/track.gif">picture</a></p>'],
    ['', '']
  ])('%j', (text, expected) => {
    expect(html(text)).toBe(expected)
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:x',
    '//a'
  ])('never leads to %s', address => {
    const there = shown(`[press me](${address}) and ${address}`)
    expect(there.querySelectorAll('a')).toHaveLength(0)
    expect(there.textContent).toContain('press me')
  })

  const anyText = fc
    .array(
      fc.constantFrom(
        ...[
          '**',
          '*',
          '_',
          '__',
          '~~',
          '`',
          '```',
          '\n',
          '\n\n',
          '- ',
          '1. ',
          '> ',
          '# ',
          '[',
          '](',
          ')',
          'javascript:',
          'https://a.example'
        ],
        ...['<script>', '<img src=x onerror=alert(1)>', '&lt;', '"', "'", '\\', ' ', 'word', 'слово', '\u202e', '{{x}}']
      ),
      { maxLength: 40 }
    )
    .map(pieces => pieces.join(''))

  it('makes only these elements, with only these attributes, of any text', () => {
    fc.assert(
      fc.property(anyText, text => {
        const there = shown(text)
        for (const element of there.querySelectorAll('*')) {
          expect(['P', 'STRONG', 'EM', 'S', 'CODE', 'PRE', 'UL', 'OL', 'LI', 'BLOCKQUOTE', 'A']).toContain(
            element.tagName
          )
          for (const { name } of element.attributes)
            expect(['dir', 'tabindex', 'start', 'href', 'title', 'target', 'rel']).toContain(name)
        }
        for (const link of there.querySelectorAll('a')) expect(link.protocol).toMatch(/^(https?|mailto|tel):$/)
        // Nothing of the words is lost.
        const letters = (words: string) => words.replace(/[^\p{L}<>]/gu, '')
        // But for the name of a language behind a fence.
        if (!/\]\(|[>#]|```|~~~/.test(text)) expect(letters(there.textContent ?? '')).toBe(letters(text))
        there.remove()
      }),
      { numRuns: 500 }
    )
  })

  it('is the same in a copy that is kept or sent, whatever was written', () => {
    fc.assert(
      fc.property(anyText, text => {
        const there = shown(text)
        const kept = new DOMParser().parseFromString(htmlOf(text), 'text/html').body
        for (const line of kept.querySelectorAll('br')) line.replaceWith('\n')
        for (const element of there.querySelectorAll('[tabindex]')) element.removeAttribute('tabindex')
        expect(kept.innerHTML).toBe(there.innerHTML)
        there.remove()
      }),
      { numRuns: 500 }
    )
    const [call, look] = [htmlOf('[call](tel:+47)'), htmlOf('a "`b`"', { p: 'color:red', code: 'x:"y"' })]
    expect(call).toBe('<p dir="auto">call</p>')
    expect(look).toBe(
      '<p dir="auto" style="color:red">a &quot;<code dir="ltr" style="x:&quot;y&quot;">b</code>&quot;</p>'
    )
  })

  it.each([
    '*a '.repeat(2600),
    '**a '.repeat(2000),
    '[a]('.repeat(2000),
    '`'.repeat(8000),
    '_a'.repeat(4000),
    `${'> '.repeat(4000)}`,
    '- a\n'.repeat(2000),
    '\\'.repeat(8000)
  ])('comes to an end with text made to be slow %#', text => {
    // Where one letter more doubles the work, this test would run for years.
    const blocks = blocksOf(text)
    for (const block of blocks) if ('text' in block) inlineOf(block.text)
    expect(blocks.length).toBeGreaterThan(0)
  })
})
