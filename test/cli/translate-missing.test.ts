import { expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const documents = (...all: string[]) => all.join('\n---\n')
const service = (name: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80, appProtocol: http }] }
`
const split = `
apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: web }
spec: { service: web, backends: [{ service: a, weight: 1 }, { service: gone, weight: 1 }] }
`
const meshRoute = `
apiVersion: kuma.io/v1alpha1
kind: MeshHTTPRoute
metadata: { name: web, labels: { kuma.io/mesh: default } }
spec:
  to:
    - targetRef: { kind: MeshService, name: web }
      rules:
        - matches: [{ path: { type: PathPrefix, value: / } }]
          default: { backendRefs: [{ kind: MeshService, name: a, port: 80 }, { kind: MeshService, name: gone, port: 80 }] }
`
const virtualService = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web.default.svc.cluster.local]
  http:
    - match: [{ port: 80 }]
      route:
        - { destination: { host: a.default.svc.cluster.local, port: { number: 80 } }, weight: 1 }
        - { destination: { host: gone.default.svc.cluster.local, port: { number: 80 } }, weight: 1 }
`
const translate = (mesh: string, objects: string) => callAp(['translate', '--to', mesh, '-f', '-'], objects)

test.each([
  [split, 'TrafficSplit', 'smi'],
  [meshRoute, 'MeshHTTPRoute', 'kuma'],
])(
  'a backend that its own mesh leaves out is not translated to one that would answer for it: %#',
  async (objects, kind, mesh) => {
    const { code, stdout, stderr } = await translate('istio', documents(objects, service('web'), service('a')))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(
        `^stdin:\\d+:\\d+ AP7141 ${kind} default/web .* to istio: ${mesh} leaves out the backend default/gone:80`,
      ),
    )
  },
)

test.each(['smi', 'kuma'])(
  'a backend that fails where it is missing is not translated to %s, which leaves it out',
  async (mesh) => {
    const { code, stderr } = await translate(mesh, documents(virtualService, service('web'), service('a')))
    expect(code).toBe(1)
    expect(stderr).toContain(`AP2101 ${mesh} cannot carry a backend that does not exist asked of default/web`)
    expect((await translate('linkerd', documents(virtualService, service('web'), service('a')))).code).toBe(0)
  },
)

test('a Service given for its ports alone tells nothing of the backends', async () => {
  for (const mesh of ['istio', 'kuma'])
    expect(await translate(mesh, documents(split, service('web')))).toMatchObject({ code: 0, stderr: '' })
})
