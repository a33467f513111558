import { conversation } from './conversation.ts'
import { copies } from './copies.ts'
import { files } from './files.ts'
import { live } from './live.ts'
import { offline } from './offline.ts'
import { outside } from './outside.ts'
import type { Group, State } from './state.ts'
import { truthBar } from './truth.ts'

export const groups: readonly Group[] = [...outside, offline, ...conversation, files, ...live, copies, ...truthBar]

export const states: readonly State[] = groups.flatMap(group => group.states)
