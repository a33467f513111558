import { expect, it } from 'vitest'
import { createId } from '../../src/model/id.ts'
import type { ServerFrame } from '../../src/transport/frames.ts'
import { get, upgrade } from '../demo/server/raw-http.ts'
import { open, signIn, sitDown, socketUrl, visit } from '../demo/server/rig.ts'
import { SECRET, second, signFor } from '../support/visitor-tokens.ts'
import { startProgram } from './program.ts'
import { tally } from './tally.ts'

const AGENT = { name: 'Sam', email: 'sam@team.example', password: 'lantern of the team' }
const WORDS = 'wordsofavisitor'

it('never hold words, tokens, secrets, passwords or addresses, whatever goes wrong', async () => {
  const program = await startProgram({
    BOT: 'on',
    BOT_DELAY_MS: '0',
    VISITOR_SECRET: SECRET,
    AGENT_EMAIL: AGENT.email,
    AGENT_NAME: AGENT.name,
    AGENT_PASSWORD: AGENT.password
  })
  try {
    const { server } = program
    const greeting = program.said().length
    const thread = createId()
    const tokens = [
      await signFor('ada', { email: 'ada@private.example', name: WORDS }),
      await signFor('bob'),
      await signFor(WORDS, {}, 'another secret than the one of the shop'),
      await signFor('ada', { exp: second(-5) })
    ]

    // A conversation, with everything in it.
    const visitor = await visit(server)
    const agent = await sitDown(server, AGENT)
    await visitor.message(thread, WORDS)
    await visitor.send({ type: 'identify', name: WORDS, email: 'ada@private.example' })
    await visitor.send({ type: 'start', threadId: thread })
    await agent.act({ id: createId(), type: 'reply', threadId: thread, text: WORDS })
    visitor.say({ t: 'hint', hint: { type: 'visit', url: `https://shop.example/${WORDS}`, title: WORDS } })
    const { session } = await visitor.untilEvent('session', event => event.session.state === 'active')
    await visitor.send({ type: 'end', threadId: thread, as: 'done' })
    await visitor.send({ type: 'rate', threadId: thread, sessionId: session.id, score: 1, note: WORDS })

    // Everything that is refused, with words wherever they may stand.
    await visitor.message(thread, '   ')
    await visitor.message(thread, WORDS.repeat(1000))
    await visitor.send({ type: 'identify', name: WORDS, email: WORDS })
    const wrong = [
      WORDS,
      `{"t":"${WORDS}"}`,
      `{"${WORDS}":1}`,
      `{"t":"hint","hint":{"type":"${WORDS}"}}`,
      `{"t":"send","again":false,"command":{"type":"${WORDS}","id":"x","n":1}}`,
      `{"t":"send","again":false,"command":{"type":"end","as":"${WORDS}","threadId":"x"}}`,
      `{"t":"send","again":false,"command":{"type":"void","id":"${WORDS} ","n":1,"threadId":"x"}}`,
      `{"t":"history","q":1,"threadId":"${WORDS} ","before":null,"limit":1}`
    ]
    for (const raw of wrong) visitor.socket.send(raw)
    await visitor.until(frame => frame.t === 'error' && frame.code === 'not-found')
    for (const raw of [WORDS, `{"t":"${WORDS}"}`, `{"t":"do","command":{"type":"${WORDS}"}}`]) agent.socket.send(raw)
    await agent.until(frame => frame.t === 'error' && frame.code === 'invalid')

    // Those who are let in, turned away and signed out.
    const ada = await visit(server, { token: tokens[0]! })
    for (const token of tokens.slice(1))
      await visit(server, { device: ada.device, token, bare: true }).then(line => line.closed)
    await visit(server, { device: ada.device, bare: true }).then(line => line.closed)
    ada.say({ t: 'forget' })
    await ada.closed
    const stranger = await open<ServerFrame>(`${socketUrl(server)}/api/socket`, { origin: server.url })
    stranger.say({ t: 'hello', device: visitor.device, token: tokens[0], v: WORDS })
    await stranger.until(({ t }) => t === 'error')
    await signIn(server, { ...AGENT, password: WORDS }).catch(() => {
      // As it should be.
    })
    await get(server, `/${WORDS}?${WORDS}=${WORDS}`)
    await get(server, '/api/inbox/sign-out', { authorization: `Bearer ${WORDS}` }, 'POST')
    await upgrade(server, `/api/socket?token=${tokens[0]}`, 'https://evil.example')
    await get(server, '/api/inbox/sign-out', { authorization: `Bearer ${agent.token}` }, 'POST')
    await agent.closed

    const said = program.said().slice(greeting)
    const secrets = [
      WORDS,
      'private.example',
      AGENT.email,
      AGENT.password,
      SECRET,
      agent.token,
      visitor.device,
      ada.device
    ]
    const parts = tokens.flatMap(token => token.split('.').slice(1))
    const found = [...secrets, ...parts].filter(secret => said.includes(secret))
    expect(found).toEqual([])
    // Otherwise there was nothing to find it in.
    const lines = said.trim().split('\n')
    expect(lines.length).toBeGreaterThan(wrong.length + 3)
    expect(lines.every(line => / (info|warn) /.test(line))).toBe(true)
    tally('logs', { checks: secrets.length + parts.length, lines: lines.length, found: found.length })
  } finally {
    await program.stop()
  }
}, 120_000)
