import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Makes sure that one process at a time uses a folder. Left behind by a killed process, a lock is void.
 *
 * @returns The function that unlocks.
 * @throws {Error} If a living process holds it.
 */
export function lockFolder(file: string): () => void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, `${process.pid} ${startOf(process.pid)}\n`, { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt) throw error
      const holder = livingHolder(file)
      if (holder) {
        throw new Error(
          `another server (process ${holder}) uses this folder: stop it, or set DATA_DIR to another folder`
        )
      }
      rmSync(file, { force: true })
    }
  }
}

function livingHolder(file: string): number | undefined {
  const [number, start = '-'] = readFileSync(file, 'utf8').trim().split(' ', 2)
  const pid = Number(number)
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  // Numbers of processes are given out again, in containers even at each start: the same number is the same process
  // only if it began at the same moment.
  if (startOf(pid) !== start) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined
  }
}

/** When a process began, as far as the system tells; `-` where it does not. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in parentheses, may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
  } catch {
    return '-'
  }
}
