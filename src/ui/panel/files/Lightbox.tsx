import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ThreadId } from '../../../model/thread.ts'
import { useAround } from '../around.ts'
import { Round } from '../Button.tsx'
import { Icon } from '../Icon.tsx'
import { useStore } from '../use-store.ts'
import { addressOf, isPicture } from './address.ts'

interface LightboxProps {
  /** The picture to begin with. */
  readonly id: string
  readonly threadId: ThreadId
  onClose(): void
}

/** One picture as large as the window, and the others of its thread beside it. */
export function Lightbox({ id, threadId, onClose }: LightboxProps) {
  const { chat, words } = useAround()
  const dialog = useRef<HTMLDialogElement>(null)
  const [shown, show] = useState(id)
  const { base } = useStore(chat.$link).capabilities ?? {}
  const pictures = (useStore(chat.$messages)[threadId]?.entries ?? []).flatMap(({ message }) =>
    message.attachments.filter(one => isPicture(one) && addressOf(one, base))
  )
  const at = pictures.findIndex(one => one.id === shown)
  const picture = pictures[at]
  const move = (by: number) => show(pictures[at + by]?.id ?? shown)

  // The browser gives the focus back to where it was.
  useLayoutEffect(() => {
    dialog.current!.showModal()
    // It would begin at the way back, which the first picture does not have.
    dialog.current!.querySelector<HTMLElement>('[aria-disabled="false"], .round:last-child')?.focus()
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    const ahead = words.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
    if (event.key === 'Escape') dialog.current!.close()
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') move(event.key === ahead ? 1 : -1)
    // Neither the list below nor the page is meant.
    else return event.stopPropagation()
    event.stopPropagation()
    event.preventDefault()
  }

  return (
    <dialog
      ref={dialog}
      class="lightbox"
      part="lightbox"
      aria-label={picture && words.t('picture', { name: picture.name })}
      onKeyDown={onKeyDown}
      onClose={event => {
        event.stopPropagation()
        onClose()
      }}
      onCancel={event => event.stopPropagation()}
      onClick={event => event.target === event.currentTarget && event.currentTarget.close()}
    >
      {picture && (
        <img key={picture.id} src={addressOf(picture, base)} alt={words.t('picture', { name: picture.name })} />
      )}
      <p class="lightbox-bar">
        <bdi>{picture?.name}</bdi>
        {pictures.length > 1 && (
          <>
            <button
              type="button"
              class="round"
              aria-label={words.t('picturesBack')}
              aria-disabled={at <= 0}
              onClick={() => move(-1)}
            >
              <Icon name="back" />
            </button>
            <span>{words.t('pictureOf', { place: at + 1, count: pictures.length })}</span>
            <button
              type="button"
              class="round onward"
              aria-label={words.t('picturesOn')}
              aria-disabled={at === pictures.length - 1}
              onClick={() => move(1)}
            >
              <Icon name="back" />
            </button>
          </>
        )}
        <Round name="close" onClick={() => dialog.current!.close()} />
      </p>
    </dialog>
  )
}
