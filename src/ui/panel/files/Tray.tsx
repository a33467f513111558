import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { attach } from '../../../model/attach.ts'
import type { UploadLimits } from '../../../model/message.ts'
import type { ThreadId } from '../../../model/thread.ts'
import type { StringKey } from '../../strings.ts'
import { useAround } from '../around.ts'
import { sizeIn } from '../attach/sizes.ts'
import { Icon } from '../Icon.tsx'
import { isPicture } from './address.ts'
import { flawOf } from './flaws.ts'
import { Local } from './Local.tsx'

interface TrayProps {
  readonly threadId: ThreadId
  readonly list: readonly File[]
  readonly limits: UploadLimits | undefined
  /** Whether it is still to be sent. */
  isChosen(file: File): boolean
  onRemove(file: File): void
  onSent(): void
}

/** Files that are being read and stored, also by a tray that was left meanwhile. */
const going = new WeakSet<File>()

/**
 * Files that are about to be sent, above what is written. Each is a message of its own, so that one that is refused
 * keeps none of the others back; what cannot be sent stays here and says why.
 */
export function Tray({ threadId, list, limits, isChosen, onRemove, onSent }: TrayProps) {
  const { chat, words, announcer, attempt } = useAround()
  const tray = useRef<HTMLDivElement>(null)
  const [broken, setBroken] = useState<ReadonlySet<File>>(new Set())
  const flaw = (file: File): StringKey | undefined => (broken.has(file) ? 'file-broken' : flawOf(file, limits))
  const good = list.filter(file => !flaw(file))
  const most = sizeIn(words.locale, limits?.size ?? 0)
  const now = useRef({ sending: false, good }).current
  now.good = good

  const send = async () => {
    if (now.sending) return
    now.sending = true
    for (const file of now.good) {
      if (going.has(file) || !isChosen(file)) continue
      going.add(file)
      const attachments = await attach([file]).catch(() => undefined)
      if (!attachments) setBroken(broken => new Set([...broken, file]))
      // Or it was taken out while it was read.
      const isSent = !attachments || !isChosen(file) || (await attempt(chat.send(threadId, { text: '', attachments })))
      going.delete(file)
      if (!isSent) break
      if (attachments) onRemove(file)
    }
    now.sending = false
    onSent()
  }

  useLayoutEffect(() => {
    // After the composer, which listens longer: words go before what they are about.
    const form = tray.current!.closest('form')!
    const life = new AbortController()
    const { signal } = life
    const go = () => form.querySelector('[aria-invalid="true"]') || void send()
    form.addEventListener('submit', go, { signal })
    // It has decided that this key sends.
    form.addEventListener('keydown', event => event.key === 'Enter' && event.defaultPrevented && go(), { signal })
    return () => life.abort()
  }, [threadId])
  useEffect(() => {
    announcer.say(
      [words.t('filesAdded', { count: list.length }), ...list.flatMap(file => reason(flaw(file)) ?? [])].join('. ')
    )
  }, [list.length])

  const reason = (key: StringKey | undefined) => key && words.t(key, { size: most })

  return (
    <div class="tray" part="tray" ref={tray}>
      <ul>
        {list.map(file => {
          const why = reason(flaw(file))
          return (
            <li class={why ? 'file flawed' : 'file'}>
              <Preview file={file} />
              <span class="file-words">
                <bdi class="file-name">{file.name}</bdi>
                <span class="file-note">{why ?? sizeIn(words.locale, file.size)}</span>
              </span>
              <button
                type="button"
                class="round"
                aria-label={words.t('filesRemove', { name: file.name })}
                onClick={() => onRemove(file)}
              >
                <Icon name="close" />
              </button>
            </li>
          )
        })}
      </ul>
      {good.length > 0 && (
        <button type="submit" class="button main">
          {words.t('filesSend', { count: good.length })}
        </button>
      )}
      {limits && <p class="file-note">{words.t('filesMost', { size: most })}</p>}
    </div>
  )
}

function Preview({ file }: { readonly file: File }) {
  const [failed, fail] = useState(false)
  return (
    <span class="file-face" aria-hidden="true">
      {isPicture({ mime: file.type }) && !failed ? (
        <Local blob={file} alt="" onFail={() => fail(true)} />
      ) : (
        endOf(file.name)
      )}
    </span>
  )
}

/** The end of a name, as a word for what it is. */
export function endOf(name: string): string {
  return (/\.([^.]{1,4})$/.exec(name)?.[1] ?? '…').toUpperCase()
}
