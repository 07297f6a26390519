import { describe, expect, test } from 'vitest'
import { parseProject } from '../../src/project/parse-project.ts'
import { shortComplaints } from './complaints.ts'

const good = `kind: Canary
apiVersion: examples.io/v1
phases:
- {name: Shifting, initial: true, next: [Done, Failed]}
- {name: Done, final: true}
- {name: Failed, final: true}
`
const load = (text: string) => parseProject(`${good}${text}`, 'autopilot.yaml')
const refuse = (text: string) => shortComplaints(() => load(text))

test('a workflow says in which phases which words are possible, and where they lead from final ones', () => {
  const { project, diagnostics } = load(`verbs:
- name: abort
  description: The traffic goes back
  phases: [Shifting]
- {name: retry, phases: [Failed], next: Shifting}
`)
  expect(diagnostics).toEqual([])
  expect(project.verbs).toEqual([
    { name: 'abort', description: 'The traffic goes back', phases: ['Shifting'] },
    { name: 'retry', description: '', phases: ['Failed'], next: 'Shifting' },
  ])
})

describe('what is wrong with a verb is said where it stands', () => {
  test.each([
    [
      'a phase that there is not',
      'verbs:\n- {name: abort, phases: [Shiftin]}\n',
      ['8:26 AP1217 the verb abort names "Shiftin", which is no phase (did you mean "Shifting"?)'],
    ],
    [
      'a way to a phase that there is not',
      'verbs:\n- {name: retry, phases: [Failed], next: Shiftin}\n',
      ['8:41 AP1217 the verb retry names "Shiftin", which is no phase (did you mean "Shifting"?)'],
    ],
    [
      'a final phase without a way out of it',
      'verbs:\n- {name: retry, phases: [Shifting, Failed]}\n',
      ['8:17 AP1218 the verb retry may be said in Failed, which is final: no worker is there to go on'],
    ],
    [
      'a way out of phases that have workers',
      'verbs:\n- {name: abort, phases: [Shifting], next: Failed}\n',
      ['8:37 AP1218 the verb abort has `next`, and none of its phases is final: their workers decide where to go'],
    ],
    [
      'a word of the runtime',
      'verbs:\n- {name: pause, phases: [Shifting]}\n',
      ['8:10 AP1219 the verb pause is one that every workflow has'],
    ],
    [
      'a word twice',
      'verbs:\n- {name: abort, phases: [Shifting]}\n- {name: abort, phases: [Shifting]}\n',
      ['9:10 AP1219 the verb abort is verbs[0] already'],
    ],
    ['no phases', 'verbs:\n- {name: abort}\n', ['8:3 AP1102 verbs[0] lacks the field "phases"']],
    [
      'an empty list of phases',
      'verbs:\n- {name: abort, phases: []}\n',
      ['8:25 AP1104 verbs[0].phases is an empty list; it must be a list with at least one item'],
    ],
    [
      'a word that is none',
      'verbs:\n- {name: Roll back, phases: [Shifting]}\n',
      ['8:10 AP1104 verbs[0].name is "Roll back"; it must be a word in lower case, such as promote'],
    ],
    [
      'a misspelt field',
      'verbs:\n- {name: abort, phase: [Shifting], phases: [Shifting]}\n',
      ['8:17 AP1101 unknown field "phase" in verbs[0] (did you mean "phases"?)'],
    ],
    ['no list', 'verbs: abort\n', ['7:8 AP1103 verbs must be a list, not "abort"']],
  ])('%s', (_, text, problems) => {
    expect(refuse(text)).toEqual(problems)
  })
})

test('a phase that only a verb leads to is reached', () => {
  const text = `kind: Canary
apiVersion: examples.io/v1
phases:
- {name: Shifting, initial: true, next: [Failed]}
- {name: Failed, final: true}
- {name: Again, next: [Failed]}
`
  const notes = (verbs: string) => parseProject(text + verbs, 'autopilot.yaml').diagnostics.map(({ code }) => code)
  expect(notes('')).toEqual(['AP1210'])
  expect(notes('verbs:\n- {name: retry, phases: [Failed], next: Again}\n')).toEqual([])
})
