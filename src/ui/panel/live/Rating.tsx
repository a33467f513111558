import { useState } from 'preact/hooks'
import type { StringKey } from '../../strings.ts'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'

interface RatingProps {
  /** Whom the visitor talked to; empty: not known. */
  readonly name: string
  onRate(score: number, note: string): void
  onSkip(): void
}

/** One question with five answers, after a live chat. Native radios: every reader and keyboard knows them. */
export function Rating({ name, onRate, onSkip }: RatingProps) {
  const { words } = useAround()
  const [score, setScore] = useState(0)
  return (
    <form
      class="card rating"
      part="csat"
      onSubmit={event => {
        event.preventDefault()
        const note = new FormData(event.currentTarget).get('note')
        if (score) onRate(score, typeof note === 'string' ? note.trim() : '')
      }}
    >
      <fieldset>
        <legend>{words.t('rateAsk', { name: name || words.t('team') })}</legend>
        <div class="faces">
          {[1, 2, 3, 4, 5].map(value => (
            <label key={value}>
              <input
                type="radio"
                name="score"
                value={value}
                checked={score === value}
                onChange={() => setScore(value)}
              />
              <Face score={value} />
              <span>{words.t(`rate${value}` as StringKey)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {score > 0 && (
        <textarea
          name="note"
          class="input"
          rows={2}
          maxLength={2000}
          dir="auto"
          aria-label={words.t('rateNote')}
          placeholder={words.t('rateNote')}
        />
      )}
      {score > 0 && (
        <div class="ends">
          <button type="submit" class="button small main">
            {words.t('rateSend')}
          </button>
        </div>
      )}
      <Button class="text skip" label="rateSkip" onClick={onSkip} />
    </form>
  )
}

/** The five faces of the rating, from sad to glad. */
function Face({ score }: { readonly score: number }) {
  const bend = (score - 3) * 2
  return (
    <svg class="face" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="12.5" />
      <path d={`M10.5 ${20.5 - bend / 3}Q16 ${20.5 + bend} 21.5 ${20.5 - bend / 3}M12 12.5v1M20 12.5v1`} />
    </svg>
  )
}
