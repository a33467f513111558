import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { budget, measure } from './support/size.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

const cdn = new URL('../dist/cdn/', import.meta.url)

describe('what a visitor downloads', () => {
  it('has no way from a string to HTML or code', () => {
    const scripts = readdirSync(cdn, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(20)
    const sinks = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|DOMParser|\beval\(|new Function/
    for (const file of scripts) expect(readFileSync(new URL(file, cdn), 'utf8')).not.toMatch(sinks)
  })

  it.each(['loader', 'widget', 'panel'] as const)('stays within the budget: %s', name => {
    expect(measure()[name]).toBeLessThanOrEqual(budget()[name])
  })

  it('has what helps when something fails in one file, which waits for no other one', () => {
    expect(measure().needs).toEqual([])
  })

  it('is what the README says', () => {
    const { loader, widget, panel } = budget()
    const said = /at most (\S+) kB \(brotli\): loader (\S+) kB, widget (\S+) kB, panel (\S+) kB/.exec(
      readme.replaceAll('\n', ' ')
    )
    expect(said?.slice(1).map(Number)).toEqual([
      Math.floor((loader + widget + panel) / 1000),
      loader / 1000,
      widget / 1000,
      panel / 1000
    ])
  })
})
