import type { Form } from '../../../src/model/form.ts'

/** What an assistant knows: data, so that another shop writes another one. */
export interface Script {
  readonly name: string
  /** Said when only a greeting came. */
  readonly greeting: string
  readonly topics: readonly Topic[]
  /** Said at the first miss, at the second, and so on; after the last one the team takes over. */
  readonly misses: readonly string[]
  /** Said when a person was asked for. */
  readonly handOver: string
  /** Said when the misses are used up. */
  readonly giveUp: string
}

export interface Topic {
  /**
   * Words that speak for this topic, in lower case, with how much they weigh. A word counts if the message has it,
   * or a word that begins with it: `deliver` finds `delivery`. Of two words, one other may stand between.
   */
  readonly words: Readonly<Record<string, number>>
  /** The next one is said when the topic comes up again. */
  readonly answers: readonly string[]
  /** Asked with each answer; what comes back is for the team. */
  readonly form?: Form
}

export type Reply =
  | { readonly type: 'answer'; readonly text: string; readonly form?: Form }
  | { readonly type: 'person' | 'miss' }

/** So much must speak for a topic before it is talked about. */
const ENOUGH = 2
/** No more of a message is read: whoever writes a novel wants a person. */
const READ = 600

/** What the script says to these words; `asked` counts the earlier answers of the assistant in this thread. */
export function replyTo(script: Script, text: string, asked: number): Reply {
  const words = wordsOf(text)
  if (PERSON.some(wish => ` ${words.join(' ')} `.includes(` ${wish} `))) return { type: 'person' }
  const [best] = script.topics
    .map(topic => ({ topic, weight: weigh(topic.words, words) }))
    .filter(({ weight }) => weight >= ENOUGH)
    .sort((a, b) => b.weight - a.weight)
  if (best) {
    const { answers, form } = best.topic
    return { type: 'answer', text: answers[asked % answers.length]!, ...(form && { form }) }
  }
  if (words.length <= 4 && GREETINGS.some(word => words.includes(word)))
    return { type: 'answer', text: script.greeting }
  if (words.length <= 4 && THANKS.some(word => words.includes(word))) return { type: 'answer', text: THANKED }
  return { type: 'miss' }
}

const PERSON = [
  'person',
  'human',
  'humans',
  'agent',
  'agents',
  'operator',
  'staff',
  'somebody real',
  'someone real',
  'real people',
  'talk to someone',
  'talk to somebody',
  'speak to someone',
  'speak to somebody',
  'speak with someone',
  'call me'
]
const GREETINGS = ['hi', 'hello', 'hey', 'morning', 'afternoon', 'evening', 'hiya', 'howdy', 'hallo']
const THANKS = ['thanks', 'thank', 'thx', 'cheers', 'ta', 'great', 'perfect', 'lovely']
const THANKED = 'You’re welcome. If anything else comes up, just write here.'

function wordsOf(text: string): readonly string[] {
  return text
    .slice(0, READ)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
}

function weigh(wanted: Readonly<Record<string, number>>, words: readonly string[]): number {
  let weight = 0
  for (const [phrase, worth] of Object.entries(wanted)) {
    if (words.some((_, i) => begins(phrase.split(' '), words, i))) weight += worth
  }
  return weight
}

/** Whether the parts follow each other from here on. */
function begins(parts: readonly string[], words: readonly string[], from: number): boolean {
  const [first, ...rest] = parts
  if (first === undefined) return true
  if (!words[from]?.startsWith(first)) return false
  return begins(rest, words, from + 1) || (rest.length > 0 && begins(rest, words, from + 2))
}
