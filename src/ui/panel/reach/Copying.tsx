import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useAround } from '../around.ts'

/** A button beside the message that was pressed or gone to, which copies its words. */
export function Copying({ list }: { readonly list: RefObject<HTMLElement | null> }) {
  const { words, announcer, attempt } = useAround()
  const [message, setMessage] = useState<HTMLElement | null>(null)

  useEffect(() => {
    const element = list.current!
    const look = () => {
      const active = (element.getRootNode() as ShadowRoot).activeElement
      // Pressing the button itself changes nothing about which message it is for.
      if (!active?.classList.contains('copying')) setMessage(active?.closest<HTMLElement>('.list article') ?? null)
    }
    const copied = (event: ClipboardEvent) => {
      const active = (element.getRootNode() as ShadowRoot).activeElement
      if (!active?.matches('article') || !document.getSelection()?.isCollapsed) return
      event.clipboardData?.setData('text/plain', (active as HTMLElement).innerText)
      event.preventDefault()
    }
    const wait = () => setTimeout(look)
    const life = new AbortController()
    element.addEventListener('focusin', look, life)
    element.addEventListener('focusout', wait, life)
    element.addEventListener('copy', copied, life)
    look()
    return () => life.abort()
  }, [])

  if (!message?.isConnected) return null
  const row = message.closest<HTMLElement>('.row')!
  const copy = async () => {
    await navigator.clipboard.writeText(message.innerText)
    announcer.say(words.t('copied'))
    message.focus()
  }
  return (
    <button
      type="button"
      class="copying"
      part="copy"
      title={words.t('copyMessage')}
      aria-label={words.t('copyMessage')}
      ref={button => {
        const after = message.offsetLeft + message.offsetWidth
        const isOurs = row.matches('.ours')
        const isLeft = isOurs === (words.dir === 'ltr')
        button?.style.setProperty('top', `${row.offsetTop + message.offsetTop}px`)
        button?.style.setProperty(
          'left',
          `${isLeft ? row.offsetLeft + message.offsetLeft - 36 : row.offsetLeft + after + 4}px`
        )
      }}
      onClick={() => void attempt(copy())}
    >
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M9 9h10v11H9zM15 9V4H5v11h4" />
      </svg>
    </button>
  )
}
