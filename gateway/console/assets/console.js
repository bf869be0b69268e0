// What pages do beyond what they do without any script: warn before the time is up, keep what is typed, cover names.
import { Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, ServiceNavigation, SkipLink, createAll } from './govuk-frontend.js'

for (const component of [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, ServiceNavigation, SkipLink]) {
  createAll(component)
}

const WARN_MS = 2 * 60 * 1000
const KEEP_MS = 5 * 1000
const COVER_MS = 3 * 60 * 1000

function fieldsOf (form) {
  const fields = new URLSearchParams(new FormData(form))
  fields.set('form_path', new URL(form.action, location.href).pathname)
  return fields
}

async function keep (fields) {
  const answer = await fetch('/console/drafts', { method: 'POST', body: fields, keepalive: true })
  return answer.ok ? (await answer.json()).until : null
}

// Time: the server's, because a computer's own clock may be wrong.
const warning = document.getElementById('time-out')
if (warning) {
  const ahead = Date.now() - Date.parse(warning.dataset.now)
  let until = Date.parse(warning.dataset.until)
  const left = warning.querySelector('[data-left]')
  const stay = warning.querySelector('[data-stay]')
  let before = null
  const go = (text) => { const next = Date.parse(text); if (next) until = next }

  const look = () => {
    const ms = until - (Date.now() - ahead)
    if (ms <= 0) {
      const query = new URLSearchParams({ to: location.pathname + location.search })
      if (document.querySelector('form[data-keep]')) query.set('kept', 'yes')
      location.assign('/console/sign-in?' + query)
      return
    }
    if (ms <= WARN_MS) {
      left.textContent = ms > 60000 ? 'in 2 minutes' : 'in less than a minute'
      if (warning.hidden) {
        keepAll()
        before = document.activeElement
        warning.hidden = false
        stay.focus()
      }
    } else if (!warning.hidden) {
      warning.hidden = true
      if (before) before.focus()
    }
    setTimeout(look, Math.min(ms, Math.max(1000, ms - WARN_MS), 20000))
  }
  stay.addEventListener('click', async () => {
    const form = new URLSearchParams({ form_path: '/console/stay', form_token: warning.querySelector('[name=form_token]').value })
    go(await keep(form))
    look()
  })
  warning.addEventListener('keydown', (event) => { if (event.key === 'Escape') stay.click() })

  // Typing: what is written is kept on the server, for the same person alone, and counts as being there.
  const dirty = new Set()
  let waiting = null
  const keepAll = async () => {
    waiting = null
    for (const form of [...dirty]) {
      dirty.delete(form)
      try { go(await keep(fieldsOf(form))) } catch { dirty.add(form) }
    }
  }
  for (const form of document.querySelectorAll('form[data-keep]')) {
    form.addEventListener('input', () => {
      dirty.add(form)
      waiting = waiting || setTimeout(keepAll, KEEP_MS)
    })
    form.addEventListener('submit', () => { dirty.clear(); clearTimeout(waiting) })
  }
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') keepAll() })
  look()
}

// Names are covered in a room that others are in: by one key, or after a while in which nobody did anything.
const cover = document.querySelector('[data-cover]')
if (cover) {
  const COVERED = 'mash-covered'
  const set = (on) => {
    document.documentElement.classList.toggle(COVERED, on)
    cover.setAttribute('aria-pressed', String(on))
    sessionStorage.setItem(COVERED, on ? 'yes' : '')
  }
  const toggle = () => set(!document.documentElement.classList.contains(COVERED))
  cover.hidden = false
  cover.addEventListener('click', toggle)
  document.addEventListener('keydown', (event) => { if (event.key === 'F8') { event.preventDefault(); toggle() } })
  let idle = null
  const restart = () => { clearTimeout(idle); idle = setTimeout(() => set(true), COVER_MS) }
  for (const name of ['keydown', 'pointerdown', 'scroll']) document.addEventListener(name, restart, { passive: true })
  restart()
  set(sessionStorage.getItem(COVERED) === 'yes')
}

// The board: what changed is told, and nothing moves by itself.
const live = document.querySelector('[data-changes]')
if (live) {
  const said = live.querySelector('[data-said]')
  const shown = new Map([...document.querySelectorAll('[data-line]')].map((row) => [row.dataset.line, row.dataset.version]))
  let source = null
  const tell = (event) => {
    const now = Object.entries(JSON.parse(event.data))
    const gone = [...shown.keys()].filter((name) => !now.some(([other]) => other === name)).length
    const changed = now.filter(([name, version]) => shown.get(name) !== version).length
    const count = Math.max(gone, changed)
    said.replaceChildren()
    if (!count) return
    const link = document.createElement('a')
    link.className = 'govuk-link'
    link.href = live.dataset.here
    link.textContent = `${count} ${count === 1 ? 'change' : 'changes'} - show`
    said.append(link)
  }
  const listen = () => {
    if (document.hidden) { source?.close(); source = null; return }
    if (source) return
    source = new EventSource(live.dataset.changes)
    source.addEventListener('lines', tell)
  }
  document.addEventListener('visibilitychange', listen)
  listen()
}
