import type { ApiResponse } from './api.ts'
import { type ApiError, statusOf } from './status.ts'

type Headers = Readonly<Record<string, string>>

const json: Headers = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' }

/** A body of JSON. Warnings go into headers as kubectl prints them. */
export function jsonResponse(status: number, body: string, warnings: readonly string[] = []): ApiResponse {
  return { status, headers: withWarnings(json, warnings), body }
}

function withWarnings(headers: Headers, warnings: readonly string[]): Headers {
  if (warnings.length === 0) return headers
  const warning = warnings.map((text) => `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(', ')
  return { ...headers, warning }
}

export function textResponse(status: number, body: string): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

export function errorResponse(error: ApiError, warnings: readonly string[] = []): ApiResponse {
  const retry = error.details?.retryAfterSeconds
  const body = JSON.stringify(statusOf(error))
  const headers = retry === undefined ? json : { ...json, 'retry-after': String(retry) }
  return { status: error.code, headers: withWarnings(headers, warnings), body }
}
