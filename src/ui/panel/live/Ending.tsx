import { useLayoutEffect, useRef } from 'preact/hooks'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'

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
        <Button kind="button small" label="endKeep" onClick={onKeep} />
        <Button kind="button small main" label="endChat" element={end} onClick={onEnd} />
      </div>
    </div>
  )
}
