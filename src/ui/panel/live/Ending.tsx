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
  const card = useRef<HTMLDivElement>(null)
  // The button that asked is gone; the answer has the focus instead.
  useLayoutEffect(() => card.current?.querySelector<HTMLElement>('.main')?.focus(), [])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a legend would not stand where the question does
    <div
      class="card"
      ref={card}
      role="group"
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
        <Button class="button small" label="endKeep" onClick={onKeep} />
        <Button class="button small main" label="endChat" onClick={onEnd} />
      </div>
    </div>
  )
}
