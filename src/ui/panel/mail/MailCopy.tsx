import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ThreadId } from '../../../model/thread.ts'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'
import { type Problem, requestCopy } from './request.ts'

/** The choice under which the address is remembered that a copy went to. */
const ADDRESS = 'mail'
const HALF_A_DAY = 43_200_000

interface MailCopyProps {
  /** Of which conversation; left out: of all. */
  readonly threadId: ThreadId | undefined
}

/** Has a copy sent to an address: asked for, sent with a receipt, or not sent, and why. */
export function MailCopy({ threadId }: MailCopyProps) {
  const { chat, words, times, announcer } = useAround()
  const [step, setStep] = useState<'offered' | 'asked' | 'sending'>('offered')
  const [sentTo, setSentTo] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const input = useRef<HTMLInputElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const isShown = useRef(false)
  const id = useId()

  // Whoever asked for the form writes in it, and whoever is done with it goes on from the button they came from.
  useLayoutEffect(() => {
    if (isShown.current) (input.current ?? button.current)?.focus()
    input.current?.select()
    // The whole of it, not only what is written in.
    input.current?.form?.scrollIntoView({ block: 'nearest' })
    isShown.current = true
  }, [step === 'offered'])

  const offer = () => {
    setProblem(undefined)
    setStep('offered')
  }
  const sent = (to: string) => {
    setSentTo(to)
    announcer.say(words.t('mailSent', { to }))
    offer()
  }
  const failed = (found: Problem) => {
    setProblem(found)
    setStep('asked')
    announcer.alert(told(found))
    input.current?.focus()
  }
  const told = ({ reason, retryAfter }: Problem) => {
    const at = Date.now() + retryAfter
    return words.t(`mail-${reason}`, { time: (retryAfter < HALF_A_DAY ? times.clock : times.exact)(at) })
  }
  const submit = async (event: Event) => {
    event.preventDefault()
    if (step === 'sending') return
    const to = input.current!.value.trim()
    // Whether it is an address, the backend knows better: only what can be none is not sent there.
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(to)) return failed({ reason: 'email', retryAfter: 0 })
    setProblem(undefined)
    setStep('sending')
    announcer.say(words.t('mailSending'))
    const found = await requestCopy(chat.$link.get().capabilities!, threadId, to)
    if (found) return failed(found)
    await chat.choose(ADDRESS, to).catch(console.warn)
    sent(to)
  }

  if (step === 'offered') {
    return (
      <span class="mailing">
        {sentTo && <span class="sent">{words.t('mailSent', { to: sentTo })}</span>}
        <Button class="text copy" label="mailCopy" ref={button} onClick={() => setStep('asked')} />
      </span>
    )
  }
  const known = chat.$visitor.get().email || chat.$choices.get()[ADDRESS] || chat.$link.get().capabilities?.mail?.to
  const isFlaw = problem?.reason === 'email' || problem?.reason === 'refused'
  return (
    <form
      class="mailing"
      part="mail"
      aria-label={words.t('mailCopy')}
      noValidate
      onSubmit={submit}
      onInput={() => setProblem(undefined)}
      onKeyDown={event => {
        if (event.key !== 'Escape' || step === 'sending') return
        event.preventDefault()
        offer()
      }}
    >
      <label for={id}>{words.t('mailTo')}</label>
      <input
        id={id}
        ref={input}
        class="answer"
        type="email"
        autocomplete="email"
        dir="auto"
        maxLength={320}
        defaultValue={known ?? ''}
        readOnly={step === 'sending'}
        aria-required
        aria-invalid={isFlaw}
        aria-describedby={problem && `${id}-problem`}
      />
      {problem && (
        <p class="flaw" id={`${id}-problem`}>
          {told(problem)}
        </p>
      )}
      <div class="ends">
        <Button class="text" label="mailKeep" onClick={offer} />
        <button type="submit" class="button main" aria-disabled={step === 'sending'}>
          {words.t(step === 'sending' ? 'mailSending' : 'mailSend')}
        </button>
      </div>
    </form>
  )
}
