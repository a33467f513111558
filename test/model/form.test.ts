import { describe, expect, it } from 'vitest'
import {
  answersShape,
  answersTo,
  type Field,
  type Form,
  flawsOf,
  formShape,
  tellAnswers
} from '../../src/model/form.ts'

const field = (more: Partial<Field>): Field => ({ name: 'a', label: 'A', kind: 'text', ...more })
const form = (...fields: readonly Field[]): Form => ({ fields })

describe('answers', () => {
  it.each([
    [{ required: true }, '', 'required'],
    [{ required: true }, '  ', 'required'],
    [{ required: true }, 'x', undefined],
    [{}, '', undefined],
    [{}, 'x'.repeat(2001), 'too-long'],
    [{ kind: 'email' }, 'ada@example', undefined],
    [{ kind: 'email' }, 'ada', 'email'],
    [{ kind: 'select', options: ['x'] }, 'x', undefined],
    [{ kind: 'select', options: ['x'] }, 'y', 'option'],
    [{ kind: 'checkbox' }, false, undefined],
    [{ kind: 'consent', required: true }, false, 'required'],
    [{ kind: 'consent', required: true }, 'yes', 'required'],
    [{ kind: 'consent', required: true }, true, undefined],
    // A kind of a later version is asked for as words.
    [{ kind: 'colour', required: true }, 'red', undefined]
  ])('to %j: %j is wrong in %s', (more, answer, flaw) => {
    expect(flawsOf(form(field(more)), { a: answer })).toEqual(flaw ? { a: flaw } : {})
  })

  it('are what was asked for and nothing else, as values and as words', () => {
    const asked = form(
      field({ label: 'Name' }),
      field({ name: 'b', label: 'Newsletter', kind: 'checkbox' }),
      field({ name: 'c', label: 'Left out' })
    )
    const given = { a: ' Ada ', c: '', other: 'x' }
    expect(answersTo(asked, given)).toEqual({ a: 'Ada', b: false })
    expect(tellAnswers(asked, given)).toBe('Name: Ada\nNewsletter: ✗')
  })
})

describe('what came from outside', () => {
  it.each([
    [{ fields: [field({})] }, undefined],
    [{ fields: [] }, 'at least one'],
    [{ fields: [field({}), field({})] }, 'a twice'],
    [{ fields: [field({ kind: 'select' })] }, 'options for a'],
    [{ fields: [{ name: 'a', kind: 'text' }] }, 'form.fields[0].label'],
    ['fields', 'an object'],
    [undefined, 'an object']
  ])('is held against the form of forms: %j', (value, problem) => {
    const said = formShape(value, 'form')
    if (problem) expect(said).toContain(problem)
    else expect(said).toBeUndefined()
  })

  it.each([
    [{ a: 'x', b: true }, undefined],
    [{ a: 1 }, 'values.a'],
    [{ a: 'x'.repeat(2001) }, 'at most 2000'],
    [Object.fromEntries(Array.from({ length: 21 }, (_, i) => [i, ''])), 'at most 20 answers'],
    [[], 'an object']
  ])('is held against the form of answers', (value, problem) => {
    const said = answersShape(value, 'values')
    if (problem) expect(said).toContain(problem)
    else expect(said).toBeUndefined()
  })
})
