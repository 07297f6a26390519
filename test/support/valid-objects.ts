import { documents } from './parsed-objects.ts'

/** Objects that every server takes, with every field that our schemas know. */
export const istioObjects = documents(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: all-matches, namespace: shop }
spec:
  hosts: [web.shop.svc.cluster.local, other]
  gateways: [mesh, shop/ingress]
  exportTo: ['.']
  http:
    - name: first
      match:
        - name: one
          uri: { exact: /a }
          scheme: { exact: http }
          method: { exact: GET }
          authority: { prefix: web }
          headers: { x-a: { exact: 'yes' }, x-b: { regex: 'y.*' } }
          queryParams: { q: { exact: '1' }, p: { prefix: x } }
          withoutHeaders: { x-c: { exact: 'no' }, x-d: {} }
          ignoreUriCase: true
          port: 80
          sourceLabels: { app: client }
          sourceNamespace: shop
          gateways: [mesh]
          statPrefix: first
        - uri: { prefix: /b }
        - uri: { regex: '/c.*' }
      route:
        - destination: { host: web-v1.shop.svc.cluster.local, port: { number: 80 }, subset: v1 }
          weight: 90
          headers: { request: { set: { x-v: '1' } }, response: { add: { x-w: '2' }, remove: [x-x] } }
        - destination: { host: web-v2 }
          weight: 10
      timeout: 5s
      retries:
        { attempts: 2, perTryTimeout: 500ms, retryOn: '503,connect-failure', retryRemoteLocalities: true, retryIgnorePreviousHosts: false, backoff: 25ms }
      fault:
        delay: { percentage: { value: 10 }, fixedDelay: 1s }
        abort: { percentage: { value: 0.5 }, httpStatus: 503 }
      mirrors:
        - destination: { host: shadow, port: { number: 80 } }
          percentage: { value: 12.5 }
      headers: { request: { set: { x-set: a }, add: { x-add: b }, remove: [x-gone] } }
      rewrite: { authority: old.example.com, uriRegexRewrite: { match: '^/(.*)$', rewrite: '/v1/\\1' } }
    - match: [{ uri: { prefix: /old } }]
      redirect: { uri: /new, authority: new.example.com, port: 8443, scheme: https, redirectCode: 302 }
    - match: [{ uri: { prefix: /moved } }]
      redirect: { uri: /new, derivePort: FROM_REQUEST_PORT }
    - match: [{ uri: { prefix: /teapot } }]
      directResponse: { status: 418, body: { string: short } }
    - match: [{ uri: { prefix: /x } }]
      rewrite: { uri: /y }
      mirror: { host: shadow, subset: v2 }
      mirrorPercentage: { value: 50 }
      fault: { delay: { percent: 5, fixedDelay: 1s } }
      route: [{ destination: { host: web-v1 } }]
    - route:
        - destination: { host: web-v1 }
          weight: 1
        - destination: { host: web-v2 }
          weight: 0
  tcp:
    - match: [{ port: 9000, sourceLabels: { app: client } }]
      route: [{ destination: { host: db, port: { number: 9000 } }, weight: 100 }]
  tls:
    - match: [{ port: 443, sniHosts: [web.shop.svc.cluster.local] }]
      route: [{ destination: { host: web-v1, port: { number: 443 } } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: small, namespace: shop }
spec:
  hosts: [web]
  http:
    - route: [{ destination: { host: web-v1 } }]
      retries: { attempts: 0 }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec:
  host: web.shop.svc.cluster.local
  exportTo: ['*']
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
`)

export const gatewayObjects = documents(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: all, namespace: shop }
spec:
  parentRefs:
    - { group: '', kind: Service, name: web, namespace: shop, port: 80 }
    - { group: '', kind: Service, name: other, port: 80 }
  hostnames: [web.example.com]
  rules:
    - name: first
      matches:
        - path: { type: Exact, value: /a }
          method: GET
          headers: [{ name: x-a, value: 'yes' }, { name: x-b, type: RegularExpression, value: 'y.*' }]
          queryParams: [{ name: q, value: '1' }, { name: p, type: Exact, value: x }]
        - path: { type: PathPrefix, value: /b }
        - path: { type: RegularExpression, value: '/c.*' }
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: { set: [{ name: x-set, value: a }], add: [{ name: x-add, value: b }], remove: [x-gone] }
        - type: ResponseHeaderModifier
          responseHeaderModifier: { set: [{ name: x-set, value: a }] }
        - type: RequestMirror
          requestMirror: { backendRef: { name: shadow, port: 80 }, percent: 50 }
        - type: RequestMirror
          requestMirror: { backendRef: { name: shadow, port: 80 }, fraction: { numerator: 1, denominator: 8 } }
        - type: URLRewrite
          urlRewrite: { hostname: old.example.com, path: { type: ReplaceFullPath, replaceFullPath: /v1 } }
      backendRefs:
        - { name: web-v1, port: 80, weight: 90 }
        - { group: '', kind: Service, name: web-v2, namespace: pay, port: 8080, weight: 10, filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-v, value: '2' }] } }] }
      timeouts: { request: 5s, backendRequest: 1s }
    - matches: [{ path: { value: /old } }]
      filters:
        - type: RequestRedirect
          requestRedirect: { scheme: https, hostname: new.example.com, port: 8443, path: { type: ReplaceFullPath, replaceFullPath: /new }, statusCode: 301 }
    - matches: [{ path: { type: PathPrefix, value: /p } }]
      filters:
        - type: URLRewrite
          urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /q } }
      backendRefs: [{ name: web-v1, port: 80 }]
    - filters: [{ type: ExtensionRef, extensionRef: { group: example.org, kind: Thing, name: a } }]
      backendRefs: [{ name: web-v1, port: 80 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: small, namespace: shop }
spec:
  parentRefs: [{ group: '', kind: Service, name: web }]
  rules: [{ backendRefs: [{ name: web-v1, port: 80 }] }]
`)

export const smiObjects = documents(`
apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: web, namespace: shop }
spec:
  service: web
  matches: [{ kind: HTTPRouteGroup, name: beta }]
  backends:
    - { service: web-v1, weight: 90 }
    - { service: web-v2, weight: 10 }
---
apiVersion: split.smi-spec.io/v1alpha2
kind: TrafficSplit
metadata: { name: old, namespace: shop }
spec:
  service: web
  backends:
    - { service: web-v1, weight: 90 }
    - { service: web-v2, weight: 10 }
---
apiVersion: specs.smi-spec.io/v1alpha4
kind: HTTPRouteGroup
metadata: { name: beta, namespace: shop }
spec:
  matches:
    - { name: a, pathRegex: '/a.*', methods: [GET], headers: [{ x-beta: 'yes' }] }
    - { name: b, methods: ['*'] }
`)

export const linkerdObjects = documents(`
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: web.shop.svc.cluster.local, namespace: shop }
spec:
  dstOverrides:
    - { authority: web-v1.shop.svc.cluster.local:80, weight: 900m }
    - { authority: web-v2.shop.svc.cluster.local:80, weight: 100m }
  routes:
    - { name: GET /a, condition: { method: GET, pathRegex: /a }, isRetryable: true, timeout: 1s }
---
apiVersion: policy.linkerd.io/v1beta3
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ group: '', kind: Service, name: web, namespace: shop, port: 80 }]
  hostnames: [web.example.com]
  rules:
    - matches:
        - path: { type: PathPrefix, value: /b }
          method: GET
          headers: [{ name: x-a, value: 'yes' }, { name: x-b, type: RegularExpression, value: 'y.*' }]
          queryParams: [{ name: q, value: '1' }]
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: { set: [{ name: x-set, value: a }], add: [{ name: x-add, value: b }], remove: [x-gone] }
      backendRefs:
        - { name: web-v1, port: 80, weight: 90 }
        - { group: '', kind: Service, name: web-v2, namespace: pay, port: 8080, weight: 10 }
      timeouts: { request: 5s, backendRequest: 1s }
    - filters:
        - type: RequestRedirect
          requestRedirect: { scheme: https, hostname: new.example.com, port: 8443, statusCode: 301 }
`)
