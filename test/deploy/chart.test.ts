import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { findHelm } from '../support/cluster/helm.ts'
import { versions } from '../support/cluster/versions.ts'
import { rendered } from '../support/rendered.ts'

const folder = fileURLToPath(new URL('../../deploy/', import.meta.url))
const chart = join(folder, 'chart')
const meshes = builtInMeshes.map(({ name }) => name)
const name = 'canary-operator'
const helm = (await findHelm()) ?? ''
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
if (helm === '') console.log('Helm is not installed: the chart is not rendered')

const read = (path: string) => readFile(join(chart, path), 'utf8')

describe('the chart', () => {
  test('has values that fit its own schema', async () => {
    const schema = JSON.parse(await read('values.schema.json'))
    const validate = new Ajv({ strict: false }).compile(schema)
    const values = parse(await read('values.yaml'))
    expect(validate(values) ? [] : validate.errors).toEqual([])
    expect(validate({ ...values, mesh: 'nginx' })).toBe(false)
  })

  test('has the CRD of the base, in the folder from which Helm installs first', async () => {
    expect(parse(await read('crds/canarydeployments.yaml'))).toEqual(
      parse(await readFile(join(folder, 'base', 'crd.yaml'), 'utf8')),
    )
  })
})

describe.skipIf(helm === '').concurrent('helm renders', () => {
  test.skipIf(!hasKubectl).each(meshes)('for %s what the overlay has', async (mesh) => {
    const ours = await template('--set', `mesh=${mesh},image.tag=latest`)
    const overlay = await rendered('kubectl', ['kustomize', join(folder, 'overlays', mesh)])
    // Namespaces and CRDs come before a release.
    const others = overlay.filter(({ kind }) => kind !== 'Namespace' && kind !== 'CustomResourceDefinition')
    expect(comparable(ours)).toEqual(comparable(others))
  })

  test('pods that its Service, NetworkPolicy, PodDisruptionBudget and ServiceMonitor select', async () => {
    const objects = await template('--set', 'serviceMonitor.enabled=true,serviceMonitor.labels.team=mesh')
    const { selector, template: pod } = specOf(objects, 'Deployment') as {
      selector: { matchLabels: object }
      template: { metadata: { labels: object } }
    }
    expect(pod.metadata.labels).toMatchObject(selector.matchLabels)
    expect(specOf(objects, 'Service')).toMatchObject({ selector: selector.matchLabels })
    expect(specOf(objects, 'NetworkPolicy')).toMatchObject({ podSelector: selector })
    expect(specOf(objects, 'PodDisruptionBudget')).toMatchObject({ selector })
    expect(specOf(objects, 'ServiceMonitor')).toMatchObject({ selector, endpoints: [{ port: 'metrics' }] })
    const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor')
    expect(monitor?.metadata.labels).toMatchObject({ team: 'mesh', 'app.kubernetes.io/name': name })
  })

  test('rights in the namespace that is watched alone', async () => {
    const objects = await template('--set', 'config.watchNamespace=shop')
    const roles = objects.filter(({ kind }) => kind.includes('Role'))
    expect(roles.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`).sort()).toEqual(
      ['', '-istio', '-leader-election']
        .flatMap((part) => [`Role shop/${name}${part}`, `RoleBinding shop/${name}${part}`])
        .sort(),
    )
  })

  test('nothing that asks for metrics where they are turned off', async () => {
    const objects = await template('--set', 'config.metricsAddr=,serviceMonitor.enabled=true')
    expect(objects.filter(({ kind }) => kind.startsWith('Service')).map(({ kind }) => kind)).toEqual(['ServiceAccount'])
    expect(specOf(objects, 'NetworkPolicy')).toMatchObject({ ingress: [] })
    expect(specOf(objects, 'Deployment')).not.toHaveProperty('template.spec.containers.0.readinessProbe')
  })

  test('a NetworkPolicy with a way to the Prometheus of its configuration', async () => {
    const portsFor = async (...values: string[]) => {
      const { egress } = specOf(await template(...values), 'NetworkPolicy') as {
        egress: { ports: { port: number }[] }[]
      }
      return egress.at(-1)?.ports.map(({ port }) => port)
    }
    const url = (text: string) => ['--set', `config.prometheus.url=${text}`]
    expect(await portsFor()).toEqual([9090])
    expect(await portsFor(...url('http://prometheus.metrics:8080/prom'))).toEqual([9090, 8080])
    expect(await portsFor(...url('https://metrics.example'))).toEqual([9090, 443])
    expect(await portsFor(...url('http://metrics'))).toEqual([9090, 80])
    expect(await portsFor(...url('http://prometheus:9090'))).toEqual([9090])
  })

  test('an image by its digest', async () => {
    const digest = `sha256:${'0'.repeat(64)}`
    const objects = await template('--set', `image.repository=example.com/canary,image.digest=${digest}`)
    expect(specOf(objects, 'Deployment')).toHaveProperty(
      'template.spec.containers.0.image',
      `example.com/canary@${digest}`,
    )
  })

  test.each([
    ['mesh=nginx', "/mesh': value must be one of 'istio', 'linkerd'"],
    ['config.meshProvider=linkerd', "additional properties 'meshProvider' not allowed"],
    ['replica=2', "additional properties 'replica' not allowed"],
    ['image.digest=latest', "/image/digest'"],
  ])('nothing for %s, and says why', async (value, message) => {
    await expect(template('--set', value)).rejects.toThrow(message)
  })

  test('a chart that its own linter finds nothing wrong with', async () => {
    const { stdout } = await promisify(execFile)(helm, ['lint', '--strict', chart])
    expect(stdout).toContain('1 chart(s) linted, 0 chart(s) failed')
  })
})

function template(...args: string[]): Promise<KubeObject[]> {
  const kubeVersion = ['--kube-version', versions.kubernetes.version]
  return rendered(helm, ['template', name, chart, '--namespace', name, ...kubeVersion, ...args])
}

function specOf(objects: readonly KubeObject[], kind: string): unknown {
  return objects.find((object) => object.kind === kind)?.spec
}

/** Objects without their labels, which name the release, and with the configuration as data. */
function comparable(objects: readonly KubeObject[]): Map<string, unknown> {
  return new Map(
    objects
      .map(({ kind, metadata, ...rest }): [string, unknown] => [
        `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
        JSON.parse(JSON.stringify(rest), (field, value) => {
          if (field === 'autopilot-operator.yaml') return { ...defaults, ...parse(value) }
          return /^(labels|matchLabels|imagePullPolicy)$/.test(field) || isServiceSelector(value) ? undefined : value
        }),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** What the chart says of the configuration even where the project leaves it to the default. */
const defaults = { watchNamespace: '' }

function isServiceSelector(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'app.kubernetes.io/name' in value
}
