import type { Message } from '../../../model/message.ts'
import { enRich } from '../../strings/en-rich.ts'
import { useAround } from '../around.ts'
import { late } from '../late.ts'
import { useAway } from '../offers.ts'
import { useStore } from '../use-store.ts'
import { Cards } from './Cards.tsx'
import { cardsOf, repliesOf } from './forms.ts'
import { Linked } from './links.tsx'
import { Markdown } from './Markdown.tsx'
import { isMarked } from './markdown.ts'
import css from './rich.css?inline'

export const words = enRich
export { css }

interface RichProps {
  readonly message: Message
  /** What it says in plain text. */
  readonly text: string
}

const useFiles = late(() => import('../files/index.tsx'))

/** The inside of a bubble: its files, and its text. */
export function Rich({ message, text }: RichProps) {
  const parts = useFiles(message.attachments.length > 0)
  if (!parts || !message.attachments.length) return <Text message={message} text={text} />
  return (
    <>
      <parts.Files message={message} />
      {/* Without words of its own, it was called by the name of its first file. */}
      {message.text && (
        <div class="files-text">
          <Text message={message} text={text} />
        </div>
      )}
    </>
  )
}

/** Text with marks from the other side, as it was written from the visitor's. */
function Text({ message, text }: RichProps) {
  const { words } = useAround()
  if (message.content?.type === 'erased') return <p class="gone">{words.t('gone')}</p>
  return isMarked(message) ? (
    <div class="prose">
      <Markdown text={text} />
    </div>
  ) : (
    <p dir="auto">
      <Linked text={text} />
    </p>
  )
}

const useForms = late(() => import('../forms/index.tsx'))

/**
 * What there is below a message: what the visitor can choose from, or what became of a promise. Quick replies are gone
 * when something else has been said.
 */
export function Choice({ message }: Pick<RichProps, 'message'>) {
  const { id, threadId, content } = message
  const { chat, words, attempt } = useAround()
  const newest = useStore(chat.$messages)[threadId]?.entries.at(-1)?.message.id
  const forms = useForms(content?.type === 'form')
  // Some click twice on everything.
  const say = (text: string, { detail }: MouseEvent) => detail < 2 && void attempt(chat.send(threadId, { text }))
  const promises = content?.type === 'notice' && 'due' in content && content.due !== undefined
  const away = useAway(promises)
  const cards = cardsOf(content)
  const replies = newest === id ? repliesOf(content) : []
  if (content?.type === 'form') return forms && <forms.InThread message={message} />
  if (content?.type === 'stopped') return <p class="stopped">{words.t('stopped')}</p>
  return (
    <>
      {promises && away && <away.Promised message={message} />}
      {cards.length > 0 && <Cards cards={cards} onReply={say} />}
      {replies.length > 0 && (
        <p class="replies" part="replies">
          {replies.map(reply => (
            <button type="button" class="reply" part="reply" dir="auto" onClick={event => say(reply, event)}>
              {reply}
            </button>
          ))}
        </p>
      )}
    </>
  )
}
