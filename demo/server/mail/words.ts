import { createWords } from '../../../src/ui/panel/words.ts'
import { ar } from '../../../src/ui/strings/ar.ts'
import { en } from '../../../src/ui/strings/en.ts'
import { enLive } from '../../../src/ui/strings/en-live.ts'
import { enRich } from '../../../src/ui/strings/en-rich.ts'
import { negotiate, type Words } from '../../../src/ui/strings.ts'

/** What only mail says. */
interface Phrases {
  /** With the name of the site. */
  subject(site: string): string
  /** Who gets it, and why; with the name of the site. */
  why(site: string): string
  /** Of a file that is not in the mail. */
  readonly tooLarge: string
  /** Above what was left out because there is too much of it. */
  readonly part: string
}

const english: Phrases = {
  subject: site => `Your conversation with ${site}`,
  why: site =>
    `You get this copy because this address was given in the chat of ${site}. If it was not you who asked for it, you need not do anything.`,
  tooLarge: 'too large to be sent by e-mail',
  part: 'This is the newest part of a long conversation.'
}

const arabic: Phrases = {
  subject: site => `محادثتك مع ${site}`,
  why: site => `وصلتك هذه النسخة لأن هذا العنوان أُدخل في محادثة ${site}. إن لم تكن أنت من طلبها، فلا يلزمك أي إجراء.`,
  tooLarge: 'أكبر من أن يُرسل بالبريد الإلكتروني',
  part: 'هذا أحدث جزء من محادثة طويلة.'
}

/** All the words of a mail. */
export interface Language {
  readonly words: Words
  readonly phrases: Phrases
}

/** The language of a mail, as near to what the visitor speaks as there is. */
export function wordsOf(locale: string): Language {
  const chosen = negotiate('', '', [locale])
  const isArabic = /^ar\b/i.test(chosen)
  return {
    words: createWords(isTag(chosen) ? chosen : 'en', isArabic ? ar : { ...en, ...enLive, ...enRich }),
    phrases: isArabic ? arabic : english
  }
}

/** Browsers say what they like. */
function isTag(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length > 0
  } catch {
    return false
  }
}
