import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ControlPlane, createControlPlane } from '../../src/apiserver/control-plane.ts'

const run = promisify(execFile)
const kubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
)

const manifest = (image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "${image}", ports: [{name: http, containerPort: 9898}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
`

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer, description: How large it is.}}}
      additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
`

describe.skipIf(!kubectl)(kubectl ? 'stock kubectl' : 'stock kubectl (skipped: there is no kubectl on PATH)', () => {
  let plane: ControlPlane
  let folder = ''
  const file = (name: string) => join(folder, name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-'))
    plane = createControlPlane({ workloads: { readyAfter: 50 } })
    const { url } = await plane.listen()
    await writeFile(file('kubeconfig'), plane.kubeconfig(url))
    await writeFile(file('web.yaml'), manifest('podinfo:1'))
    await writeFile(file('web2.yaml'), manifest('podinfo:2'))
    await writeFile(file('crd.yaml'), definition)
    await writeFile(
      file('widget.yaml'),
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n',
    )
    await writeFile(
      file('bad.yaml'),
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: b}\nspec: {sise: 3}\n',
    )
  })

  afterAll(async () => {
    await plane.close()
    await rm(folder, { recursive: true })
  })

  async function call(...args: string[]): Promise<string> {
    const cache = ['--cache-dir', file('cache')]
    try {
      const { stdout, stderr } = await run('kubectl', ['--kubeconfig', file('kubeconfig'), ...cache, ...args])
      return `${stdout}${stderr}`.trim()
    } catch (error) {
      return error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    }
  }

  test('creates, applies, rolls out, scales, labels, describes and deletes a workload', async () => {
    expect(await call('create', 'namespace', 'shop')).toBe('namespace/shop created')
    const shop = ['-n', 'shop']
    expect(await call(...shop, 'apply', '-f', file('web.yaml'))).toBe(
      'deployment.apps/web created\nservice/web created',
    )
    expect(await call(...shop, 'apply', '-f', file('web.yaml'))).toBe(
      'deployment.apps/web unchanged\nservice/web unchanged',
    )
    expect(await call(...shop, 'rollout', 'status', 'deployment/web', '--timeout=10s')).toContain(
      'successfully rolled out',
    )
    expect(await call(...shop, 'apply', '-f', file('web2.yaml'))).toBe(
      'deployment.apps/web configured\nservice/web unchanged',
    )
    expect(await call(...shop, 'wait', '--for=condition=Available', 'deployment/web', '--timeout=10s')).toBe(
      'deployment.apps/web condition met',
    )
    expect(await call(...shop, 'apply', '--server-side', '-f', file('web2.yaml'))).toContain(
      'deployment.apps/web serverside-applied',
    )
    expect(await call(...shop, 'set', 'image', 'deployment/web', 'web=podinfo:3')).toBe(
      'deployment.apps/web image updated',
    )
    expect(await call(...shop, 'apply', '--server-side', '-f', file('web2.yaml'))).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="web"].image',
    )
    expect(await call(...shop, 'scale', 'deployment/web', '--replicas=3')).toBe('deployment.apps/web scaled')
    expect(await call(...shop, 'label', 'deployment/web', 'tier=front')).toBe('deployment.apps/web labeled')
    expect(await call(...shop, 'annotate', 'deployment/web', 'note=x')).toBe('deployment.apps/web annotated')
    expect(await call(...shop, 'patch', 'deployment', 'web', '-p', '{"spec":{"paused":true}}')).toBe(
      'deployment.apps/web patched',
    )
    expect(await call(...shop, 'get', 'deployment,service', '-l', 'tier=front', '-o', 'name')).toBe(
      'deployment.apps/web',
    )
    expect(await call(...shop, 'describe', 'deployment', 'web')).toMatch(/Labels:\s+app=web\n\s+tier=front/)
    expect(await call(...shop, 'get', 'svc', 'web')).toMatch(
      /NAME\s+TYPE\s+CLUSTER-IP.*\nweb\s+ClusterIP\s+10\.96\.0\.\d+\s+<none>\s+80\/TCP/,
    )
    expect(await call(...shop, 'delete', '-f', file('web.yaml'))).toMatch(
      /deployment.apps "web" deleted.*\nservice "web" deleted/,
    )
    expect(await call('delete', 'namespace', 'shop')).toBe('namespace "shop" deleted')
  })

  test('sends protocol buffers for what it makes itself', async () => {
    expect(await call('create', 'configmap', 'c', '--from-literal=a=b')).toBe('configmap/c created')
    expect(await call('get', 'configmap', 'c', '-o', 'jsonpath={.data}')).toBe('{"a":"b"}')
    expect(await call('create', 'deployment', 'd', '--image=podinfo:1', '--replicas=2', '--port=80')).toBe(
      'deployment.apps/d created',
    )
    const spec = '{.spec.replicas} {.spec.template.spec.containers[0].ports} {.spec.paused}'
    expect(await call('get', 'deployment', 'd', '-o', `jsonpath=${spec}`)).toBe(
      '2 [{"containerPort":80,"protocol":"TCP"}]',
    )
    expect(await call('expose', 'deployment', 'd', '--port=80', '--target-port=http')).toBe('service/d exposed')
    expect(await call('get', 'service', 'd', '-o', 'jsonpath={.spec.ports[0].targetPort}')).toBe('http')
    expect(await call('auth', 'can-i', 'get', 'pods')).toBe('yes')
  })

  test('knows custom resources by their short names, columns and schemas', async () => {
    expect(await call('apply', '-f', file('crd.yaml'))).toBe(
      'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created',
    )
    expect(await call('wait', '--for=condition=Established', 'crd/widgets.example.com', '--timeout=5s')).toContain(
      'condition met',
    )
    expect(await call('apply', '-f', file('widget.yaml'))).toBe('widget.example.com/w created')
    expect(await call('get', 'wd')).toMatch(/^NAME\s+SIZE\nw\s+3$/)
    expect(await call('apply', '-f', file('bad.yaml'))).toContain('strict decoding error: unknown field "spec.sise"')
    expect(await call('explain', 'widget.spec.size')).toContain('How large it is.')
    expect(await call('delete', 'wd', '--all')).toContain('widget.example.com "w" deleted')
  })

  test('watches', async () => {
    const { stdout } = await run('kubectl', [
      '--kubeconfig',
      file('kubeconfig'),
      'get',
      'namespaces',
      '--watch',
      '--request-timeout=1s',
      '-o',
      'name',
    ]).catch((error: { stdout: string }) => error)
    expect(stdout).toContain('namespace/default')
  })
})
