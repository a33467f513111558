import { escaped } from '../../../src/model/markup.ts'
import type { Attachment, Message } from '../../../src/model/message.ts'
import { authorOf, textOf } from '../../../src/ui/panel/names.ts'
import { htmlOf, linkedHtmlOf } from '../../../src/ui/panel/rich/html.ts'
import type { Mail } from './mailer.ts'
import { type Language, wordsOf } from './words.ts'

/** What a copy is made of. */
export interface CopyParts {
  /** One conversation after the other, each with its messages, oldest first. */
  readonly threads: readonly CopiedThread[]
  readonly site: string
  /** Of the visitor; empty or wrong: English, in UTC. */
  readonly locale: string
  readonly zone: string
  /** Ids of the files that go along. */
  readonly carried: ReadonlySet<string>
}

export interface CopiedThread {
  readonly messages: readonly Message[]
  /** Whether it is there from its beginning on. */
  readonly complete: boolean
}

/** One line of a copy, in words. */
interface Line {
  /** Whose words these are; empty: nobody's, a notice. */
  readonly author: string
  readonly isOwn: boolean
  readonly day: string
  readonly clock: string
  readonly text: string
  /** The same as the widget shows it. */
  readonly html: string
  /** Names of files, with what is to be said of them. */
  readonly files: readonly string[]
}

/** A copy of conversations as a mail: only text goes into it, and the only marks in it are those of `htmlOf`. */
export function composeCopy({ threads, site, locale, zone, carried }: CopyParts): Omit<Mail, 'to' | 'files'> {
  const language = wordsOf(locale)
  const { words, phrases } = language
  const writeLine = lineWriter(language, formats(words.locale, zone), carried)
  const sections = threads.map(({ messages, complete }) => ({
    lines: messages.map(writeLine),
    note: complete ? '' : phrases.part
  }))
  // A header is one line.
  const subject = phrases.subject(site).replace(/\p{Cc}+/gu, ' ')
  const why = phrases.why(site)
  return {
    subject,
    text: [subject, ...sections.map(({ lines, note }) => plain(lines, note)), why].join('\n\n'),
    html: `<!doctype html>
<html lang="${escaped(words.locale)}" dir="${words.dir}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px 16px;font:16px/1.5 system-ui,sans-serif">
<div dir="${words.dir}" style="max-width:600px;margin:0 auto">
<h1 style="margin:0 0 16px;font-size:20px">${escaped(subject)}</h1>
${sections.map(({ lines, note }) => section(lines, note)).join('\n')}
<p style="${SMALL};margin:24px 0 0">${escaped(why)}</p>
</div>
</body>
</html>
`
  }
}

function lineWriter({ words, phrases }: Language, times: Formats, carried: ReadonlySet<string>) {
  const nameOf = ({ id, name }: Attachment) => (carried.has(id) ? name : `${name} (${phrases.tooLarge})`)
  return (message: Message): Line => {
    const { at, author, content, attachments } = message
    const said = content?.type === 'erased' ? words.t('gone') : textOf(message, words, times)
    // A message of files alone is called after the first of them, which is named below.
    const text = message.text || !attachments.length ? said : ''
    return {
      author: author === 'system' ? '' : authorOf(message, words),
      isOwn: author === 'visitor',
      day: times.day(at),
      clock: times.clock(at),
      text,
      html: author === 'system' ? escaped(text) : author === 'visitor' ? linkedHtmlOf(text) : htmlOf(text, STYLES),
      files: attachments.map(nameOf)
    }
  }
}

type Formats = ReturnType<typeof formats>

/** Writes times in the visitor's zone. */
function formats(locale: string, zone: string) {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: isZone(zone) ? zone : 'UTC' }).format
  return {
    exact: format({ dateStyle: 'full', timeStyle: 'short' }),
    day: format({ dateStyle: 'full' }),
    clock: format({ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' })
  }
}

function isZone(timeZone: string): boolean {
  try {
    return !!timeZone && !!new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    // Browsers say what they like.
    return false
  }
}

/** Each line, with the day above the first one of it. */
const withDays = (lines: readonly Line[], write: (line: Line, day: string) => string) =>
  lines.map((line, i) => write(line, line.day === lines[i - 1]?.day ? '' : line.day))

function plain(lines: readonly Line[], note: string): string {
  const said = withDays(lines, ({ author, clock, text, files }, day) =>
    [day && `${day}\n`, author && `${author}, ${clock}:`, text, ...files.map(name => `[${name}]`)]
      .filter(Boolean)
      .join('\n')
  )
  return [note, ...said].filter(Boolean).join('\n\n')
}

// Only what the oldest of mail programs show: no classes, nothing that is fetched.
const SMALL = 'font-size:14px;color:#6b6b6b'
const STYLES = {
  p: 'margin:4px 0',
  ul: 'margin:4px 0;padding:0 24px',
  ol: 'margin:4px 0;padding:0 24px',
  li: 'unicode-bidi:plaintext',
  blockquote: 'margin:4px 0;padding:0 12px;color:#6b6b6b',
  pre: 'margin:4px 0;white-space:pre-wrap',
  code: 'font-family:monospace'
}

function section(lines: readonly Line[], note: string): string {
  const said = withDays(lines, ({ author, isOwn, clock, html, files }, day) => {
    const heading = day && `<h2 style="${SMALL};margin:24px 0 12px;text-align:center">${escaped(day)}</h2>\n`
    const words = html + files.map(name => `<div>${escaped(`[${name}]`)}</div>`).join('')
    if (!author) return `${heading}<p style="${SMALL};margin:12px 0;text-align:center">${words}</p>`
    const colours = isOwn ? 'background:#fdf1d8' : 'background:#f1f1f1'
    return `${heading}<div style="margin:12px 0;padding:8px 14px;border-radius:12px;color:#1d1d1d;${colours}"><div style="${SMALL}"><bdi>${escaped(author)}</bdi>, ${escaped(clock)}</div><div dir="auto">${words}</div></div>`
  })
  return [note && `<p style="${SMALL};text-align:center">${escaped(note)}</p>`, ...said].filter(Boolean).join('\n')
}
