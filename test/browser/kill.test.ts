import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('nothing is lost when page, browser or server are killed while somebody writes', async () => {
  const args = ['run', '-s', 'kill', '--', '--renderer', '4', '--browser', '1', '--server', '1', '--seed', '5']
  // It rejects unless the command ends well.
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root })
  const figures = JSON.parse(stdout.trim().split('\n').at(-1)!)
  expect(figures).toMatchObject({ renderer: 4, browser: 1, server: 1, lost: 0, duplicated: 0, misordered: 0, other: 0 })
  expect(figures.accepted).toBeGreaterThanOrEqual(6 * 15)
  expect(figures.duplicateFrames).toBeGreaterThan(0)
}, 180_000)
