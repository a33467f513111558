import { useLayoutEffect, useRef } from 'preact/hooks'
import { useAround } from './around.ts'

interface EndingProps {
  onEnd(): void
  onKeep(): void
}

/** Asks before a live chat is ended: there is no way back into it. */
export function Ending({ onEnd, onKeep }: EndingProps) {
  const { words } = useAround()
  const end = useRef<HTMLButtonElement>(null)
  // The button that asked is gone; the answer has the focus instead.
  useLayoutEffect(() => end.current?.focus(), [])
  return (
    <div
      class="card"
      role="alertdialog"
      aria-labelledby="ending"
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onKeep()
      }}
    >
      <p>
        <strong id="ending">{words.t('endAsk')}</strong>
        <span class="quiet">{words.t('endHint')}</span>
      </p>
      <div class="ends">
        <button type="button" class="button small" onClick={onKeep}>
          {words.t('endKeep')}
        </button>
        <button type="button" class="button small main" ref={end} onClick={onEnd}>
          {words.t('endChat')}
        </button>
      </div>
    </div>
  )
}
