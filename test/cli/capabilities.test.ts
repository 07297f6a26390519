import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { capabilityReference } from '../../generators/capability-reference.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { callAp } from '../support/call-ap.ts'

const adapters = builtInMeshes.map((mesh) => mesh.create({ clusterDomain: 'cluster.local', apiVersions: {} }))

describe('ap capabilities', () => {
  test('draws a row per feature and a column per mesh, without colours', async () => {
    const { code, stdout } = await callAp(['capabilities'])
    const lines = stdout.split('\n')
    expect(code).toBe(0)
    expect(lines[0]?.split(/ {2,}/)).toEqual(['feature', ...adapters.map(({ name }) => name)])
    expect(lines.find((line) => line.startsWith('a path prefix  '))?.split(/ {2,}/)).toEqual([
      'a path prefix',
      'emulated',
      'native',
      'emulated',
      'native',
      'native',
      'native',
    ])
  })

  test('shows the meshes asked for, in the order asked', async () => {
    const { stdout } = await callAp(['capabilities', 'smi', 'istio'])
    expect(stdout.split('\n')[0]?.split(/ {2,}/)).toEqual(['feature', 'smi', 'istio'])
  })

  test('prints the tables with reasons and limits as JSON', async () => {
    const { stdout } = await callAp(['capabilities', 'smi', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject([
      { mesh: 'smi', capabilities: { headerAbsent: { support: 'unsupported' } }, limits: { regexLength: 1024 } },
    ])
  })

  test('goes by the release of CustomResourceDefinitions that are given', async () => {
    const crd = (channel: string) => `
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: httproutes.gateway.networking.k8s.io
        annotations: { gateway.networking.k8s.io/bundle-version: v1.4.0, gateway.networking.k8s.io/channel: ${channel} }
      spec: { group: gateway.networking.k8s.io, names: { kind: HTTPRoute }, versions: [{ name: v1, served: true }] }`
    const retriesOf = async (channel: string) => {
      const { stdout } = await callAp(['capabilities', 'gateway-api', '-f', '-', '-o', 'json'], crd(channel))
      return JSON.parse(stdout)[0].capabilities.retries.support
    }
    expect([await retriesOf('standard'), await retriesOf('experimental')]).toEqual(['unsupported', 'emulated'])
  })

  test('tells as Markdown how what is emulated and why what is not', async () => {
    const { stdout } = await callAp(['capabilities', 'linkerd', '-o', 'markdown'])
    expect(stdout).toContain('| a weighted split | emulated |')
    expect(stdout).toContain(
      '- **a header that must be absent**: no, as the Gateway API has no negation. Write the rule',
    )
  })

  test.each([
    [
      ['capabilities', 'istoi'],
      'ap: istoi is not a mesh (did you mean "istio"?); there are istio, linkerd, smi, gateway-api, kuma, istio-ambient\n',
    ],
    [['capabilities', '-o', 'csv'], 'ap: -o csv is not a format; there are table, json, markdown\n'],
  ])('%j is a wrong call', async (args, message) => {
    expect(await callAp(args)).toEqual({ code: 2, stdout: '', stderr: message })
  })

  test('docs/reference/capabilities.md is up to date (renew it with `npm run docs`)', () => {
    expect(readFileSync('docs/reference/capabilities.md', 'utf8')).toBe(capabilityReference(adapters))
  })
})
