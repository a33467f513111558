import { useLayoutEffect, useState } from 'preact/hooks'
import type { Attachment, Message } from '../../../model/message.ts'
import { useAround } from '../around.ts'
import { sizeIn } from '../attach/sizes.ts'
import { Button } from '../Button.tsx'
import { useStore } from '../use-store.ts'
import { addressOf, isPicture, roomFor } from './address.ts'
import { Lightbox } from './Lightbox.tsx'
import { Local } from './Local.tsx'
import { endOf } from './Tray.tsx'

/** What was sent from here, by its name at the backend: shown without fetching it. */
const sentFromHere = new WeakMap<object, Map<string, Blob>>()

/** The files of a message, and how far those have come that are still to be sent. */
export function Files({ message }: { readonly message: Message }) {
  const { chat } = useAround()
  const { base } = useStore(chat.$link).capabilities ?? {}
  return (
    <div class="files" part="files">
      {message.attachments.map(one => (
        <File key={one.id} file={one} message={message} address={addressOf(one, base)} />
      ))}
      {message.author === 'visitor' && <State message={message} />}
    </div>
  )
}

interface FileProps {
  readonly file: Attachment
  readonly message: Message
  readonly address: string | undefined
}

function File({ file, message, address }: FileProps) {
  const { chat, words } = useAround()
  const { id, name, size, width, height } = file
  const [failed, fail] = useState(false)
  const [open, setOpen] = useState(false)
  const local = localOf(chat, file)

  if (isPicture(file) && !failed && (address || local)) {
    const alt = words.t('picture', { name })
    const picture = local ? (
      <Local blob={local} alt={alt} width={width} height={height} onFail={() => fail(true)} />
    ) : (
      <img src={address} alt={alt} {...roomFor(width, height)} decoding="async" onError={() => fail(true)} />
    )
    return (
      <>
        {address ? (
          <a
            class={width ? 'picture' : 'picture unsized'}
            part="picture"
            href={address}
            onClick={event => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return
              event.preventDefault()
              setOpen(true)
            }}
          >
            {picture}
          </a>
        ) : (
          <span class="picture">{picture}</span>
        )}
        {open && <Lightbox id={id} threadId={message.threadId} onClose={() => setOpen(false)} />}
      </>
    )
  }
  const bytes = sizeIn(words.locale, size)
  const inner = (
    <>
      <span class="file-face" aria-hidden="true">
        {endOf(name)}
      </span>
      <span class="file-words">
        <bdi class="file-name">{name}</bdi>
        <span class="file-note">{bytes}</span>
      </span>
    </>
  )
  return address ? (
    <a class="file" part="file" href={address} download={name} target="_blank" rel="noopener noreferrer">
      {inner}
    </a>
  ) : (
    <span class="file">{inner}</span>
  )
}

/** How far the files of an own message are, as long as they are on their way. */
function State({ message: { id, threadId, attachments } }: { readonly message: Message }) {
  const { chat, words, attempt } = useAround()
  const entry = useStore(chat.$messages)[threadId]?.entries.find(entry => entry.message.id === id)
  const { state } = useStore(chat.$link)
  const [share, setShare] = useState<number | undefined>(undefined)
  useLayoutEffect(() => chat.on('upload', told => told.id === id && setShare(told.share)), [id])

  if (entry?.delivery !== 'queued' || !attachments.some(({ blob }) => blob)) return null
  const isUp = state === 'online' || state === 'following'
  const percent = (share ?? 0).toLocaleString(words.locale, { style: 'percent' })
  return (
    <>
      {isUp && <progress {...(share === undefined ? {} : { value: share })} aria-label={words.t('send')} />}
      <p class="file-note">
        {isUp ? words.t('fileSending', { share: share === undefined ? '' : percent }) : words.t('fileWaits')}{' '}
        <Button class="text" label="fileCancel" onClick={() => void attempt(chat.discard(id))} />
      </p>
    </>
  )
}

/** The file itself, if it is or was sent from here. */
function localOf(chat: object, { id, blob }: Attachment): Blob | undefined {
  const all = sentFromHere.get(chat) ?? new Map<string, Blob>()
  sentFromHere.set(chat, all)
  if (blob) all.set(id, blob)
  return blob ?? all.get(id)
}
