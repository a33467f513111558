import { useState } from 'preact/hooks'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'

/** Has everything deleted, here and at the backend, once the visitor has said so twice; ends with a receipt. */
export function Erase() {
  const { chat, words, announcer, attempt } = useAround()
  const [step, setStep] = useState<'offered' | 'asked' | 'waiting'>('offered')

  const erase = async (button: HTMLElement) => {
    setStep('waiting')
    announcer.say(words.t('erasing'))
    const panel = button.closest('dialog')!
    const done = await attempt(
      (async () => {
        const receipt = await chat.erase()
        await chat.reset({ pending: 'discard' })
        const told = words.t('erased', { receipt })
        announcer.say(told)
        // This part goes with the conversations it stands below.
        note(panel, told, words.t('eraseDone'))
      })(),
      'eraseFailed'
    )
    if (!done) setStep('offered')
  }

  if (step === 'offered') {
    return <Button class="text copy" label="eraseAll" onClick={() => setStep('asked')} />
  }
  if (step === 'waiting') return <span class="copy">{words.t('erasing')}</span>
  return (
    // biome-ignore lint/a11y/useSemanticElements: a legend would not stand where the question does
    <span class="erase" role="group" aria-label={words.t('eraseAsk')}>
      <span>{words.t('eraseAsk')}</span>
      <Button class="text" label="eraseKeep" ref={element => element?.focus()} onClick={() => setStep('offered')} />
      <Button class="text danger" label="eraseDo" onClick={event => void erase(event.currentTarget as HTMLElement)} />
    </span>
  )
}

function note(panel: HTMLElement, text: string, close: string): void {
  const line = document.createElement('p')
  line.className = 'trouble receipt'
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'text'
  button.textContent = close
  button.onclick = () => line.remove()
  line.append(text, ' ', button)
  panel.append(line)
}
