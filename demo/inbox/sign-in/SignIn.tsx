import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Lantern } from '../icons.tsx'
import { useStore } from '../use-store.ts'
import type { Account } from './account.ts'

export function SignIn({ account }: { readonly account: Account }) {
  const why = useStore(account.$why)
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const emailRef = useRef<HTMLInputElement>(null)
  const passwordRef = useRef<HTMLInputElement>(null)
  const stayRef = useRef<HTMLInputElement>(null)

  useLayoutEffect(() => {
    document.title = 'Sign in · Porchlight inbox'
    const first = account.email ? passwordRef : emailRef
    first.current?.focus()
  }, [])

  async function submit(event: Event) {
    event.preventDefault()
    if (busy) return
    const email = emailRef.current!.value.trim()
    const password = passwordRef.current!.value
    if (!email || !password) {
      const [missing, words] = email
        ? ([passwordRef, 'Enter your password.'] as const)
        : ([emailRef, 'Enter your e-mail address.'] as const)
      setProblem(words)
      missing.current?.focus()
      return
    }
    setBusy(true)
    setProblem('')
    const wrong = await account.signIn({ email, password, stay: stayRef.current!.checked })
    if (wrong === undefined) return
    setBusy(false)
    setProblem(wrong)
    passwordRef.current?.select()
  }

  const said = problem || why
  return (
    <main class="sign-in">
      <form class="sign-in-card" onSubmit={submit} noValidate>
        <Lantern lit />
        <h1>Sign in to the inbox</h1>
        <p class="sign-in-lead">See who is at the door, and answer.</p>
        <p
          class={problem ? 'sign-in-said sign-in-problem' : 'sign-in-said'}
          id="sign-in-said"
          role="alert"
          hidden={!said}
        >
          {said}
        </p>
        <label class="field">
          <span>E-mail address</span>
          <input
            ref={emailRef}
            type="email"
            name="email"
            autoComplete="username"
            autoCapitalize="none"
            spellcheck={false}
            defaultValue={account.email}
            aria-describedby={said ? 'sign-in-said' : undefined}
            aria-invalid={problem !== ''}
          />
        </label>
        <label class="field">
          <span>Password</span>
          <input
            ref={passwordRef}
            type="password"
            name="password"
            autoComplete="current-password"
            aria-describedby={said ? 'sign-in-said' : undefined}
            aria-invalid={problem !== ''}
          />
        </label>
        <label class="tick">
          <input ref={stayRef} type="checkbox" name="stay" />
          <span>Stay signed in on this device</span>
        </label>
        <button type="submit" class="button button-primary button-large" aria-disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  )
}
