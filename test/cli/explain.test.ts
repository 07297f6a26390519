import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeOutput, outputPage } from '../../generators/output-reference.ts'
import { type NeutralOutputs, outputKinds } from '../../src/mesh/outputs.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { callAp } from '../support/call-ap.ts'
import { writeProject } from '../support/write-project.ts'

const adapters = builtInMeshes.map((mesh) => mesh.create({ clusterDomain: 'cluster.local', apiVersions: {} }))
const outputs = Object.keys(outputKinds) as (keyof NeutralOutputs)[]

describe('ap explain', () => {
  test('a code: its title, its message with names for what it is about, and what to do', async () => {
    const { code, stdout } = await callAp(['explain', 'ap1002'])
    expect(code).toBe(0)
    expect(stdout).toBe(
      'AP1002  Empty file\n\n  the file holds nothing but comments or white space\n\n' +
        'Write the fields that docs/reference lists, or start from a template.\n',
    )
  })

  test.each(outputs)('%s: fields, an example and the meshes that have it', async (output) => {
    const { code, stdout } = await callAp(['explain', output])
    expect(code).toBe(0)
    for (const part of [`${output} (${outputKinds[output]})`, '  name ', 'For example', 'Meshes that have it'])
      expect(stdout).toContain(part)
  })

  test('a phase of the project in this folder', async () => {
    const { stdout } = await callAp(['explain', 'Evaluating'], '', 'operators/canary')
    expect(stdout).toBe(`Evaluating of CanaryDeployment

  A canary runs the new template and gets more of the traffic step by step

  reads           deployments, services, horizontalpodautoscalers, trafficsplits, metrics
  emits           deployments, services, horizontalpodautoscalers, trafficsplits
  comes after     Waiting
  goes to         Promoting, RollBack
  can be told to  promote, abort
  worker          src/workers/evaluating.ts
`)
  })

  test('a phase that a verb leads back to comes after the final one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ap-explain-'))
    await writeProject(folder, 'canary')
    const { stdout } = await callAp(['explain', 'Shifting'], '', folder)
    await rm(folder, { recursive: true })
    expect(stdout).toContain('comes after     RolledBack (by retry)')
  })

  test('a kind that phases may name: how a worker reads and writes it, and which phases do', async () => {
    const { stdout } = await callAp(['explain', 'deployments'], '', 'operators/canary')
    expect(stdout).toContain('deployments (Deployment)\n\n  Objects of Deployment (apps/v1)\n')
    expect(stdout).toContain('inputs.deployments.get(name) and .list(labels), those in the namespace of the resource')
    expect(stdout).toMatch(/ read by {5}Initializing, .*Evaluating/)
    expect((await callAp(['explain', 'metrics'], '', 'operators/canary')).stdout).toContain(
      'inputs.metrics.successRate(',
    )
    expect((await callAp(['explain', 'virtualservice'])).stderr).toContain('(did you mean "virtualservices"?)')
  })

  test('a project with errors is not said to be missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ap-explain-'))
    await writeFile(join(folder, 'autopilot.yaml'), 'kind: [\n')
    const { stderr } = await callAp(['explain', 'Evaluating'], '', folder)
    await rm(folder, { recursive: true })
    expect(stderr).toContain('(the autopilot.yaml of this folder has errors: see ap lint)')
  })

  test('a verb of the project in this folder', async () => {
    const { stdout } = await callAp(['explain', 'abort'], '', 'operators/canary')
    expect(stdout).toBe(`abort, a verb of CanaryDeployment

  The new template is rolled back, and not tried again until it changes

  possible in     Evaluating, Promoting
  by              ap abort NAME
  the worker has  context.command.verb === 'abort', with by, at and reason
`)
  })

  test('prints data for programs', async () => {
    expect(JSON.parse((await callAp(['explain', 'AP1002', '-o', 'json'])).stdout)).toMatchObject({ code: 'AP1002' })
    expect(JSON.parse((await callAp(['explain', 'trafficsplits', '-o', 'json'])).stdout)).toMatchObject({
      name: 'trafficsplits',
      kind: 'TrafficSplit',
    })
  })

  test('suggests the word that was meant', async () => {
    const { code, stderr } = await callAp(['explain', 'trafficsplit'])
    expect(code).toBe(2)
    expect(stderr).toContain('(did you mean "trafficsplits"?)')
  })
})

describe('docs/reference/outputs (renew it with `npm run docs`)', () => {
  test.each(outputs)('%s is up to date', (output) => {
    expect(readFileSync(`docs/reference/outputs/${output}.md`, 'utf8')).toBe(
      outputPage(describeOutput(output, adapters)),
    )
  })

  test('has a page for each output, and no other', () => {
    expect(readdirSync('docs/reference/outputs').sort()).toEqual(outputs.map((output) => `${output}.md`).sort())
  })
})
