import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { i18n } from '@lingui/core'
import { Plural, Trans } from '@lingui/react/macro'
import { Fragment, type ReactNode } from 'react'
import { Awaited, failureOf } from '../../parts/Awaited'
import { arrives, useLivingJobs } from '../../shell/activity'
import { needsQuery, type Need } from '../../shell/needs'
import { since, useNews } from './news'

/** The answer to what one comes for: is it well, what is new, what goes on, what needs me. */
export function Headline({ needs }: { needs: Need[] }) {
  const told = useQuery(needsQuery)
  const news = useNews()
  const running = useLivingJobs().filter(arrives).length
  if (told.data === undefined || news.data === undefined) {
    const missing = failureOf([told, news])
    return missing === null ? (
      <p className="headline" aria-busy="true" />
    ) : (
      <div className="headline-trouble">
        <Awaited query={missing} />
      </div>
    )
  }
  const well = needs.length === 0
  const clauses: ReactNode[] = [<News key="news" {...news.data} />]
  if (running > 0)
    clauses.push(
      <Link key="jobs" to="/queue">
        <Plural value={running} one="# job is running" other="# jobs are running" />
      </Link>,
    )
  if (needs.length > 0)
    clauses.push(
      <Link key="needs" to="/" hash="needs" className="you">
        <Needed needs={needs} />
      </Link>,
    )
  return (
    <h1 className="headline">
      <b>{well ? <Trans>All is well.</Trans> : <Trans>Not all is well.</Trans>}</b> <Listed>{clauses}</Listed>
    </h1>
  )
}

function News({ pictures, videos }: { pictures: number; videos: number }) {
  const [q, qPictures, qVideos] = [since(), since('image'), since('video')]
  const first = (
    <Link to="/library" search={{ q: qPictures }}>
      <Plural value={pictures} one="# new picture" other="# new pictures" />
    </Link>
  )
  const second = (
    <Link to="/library" search={{ q: qVideos }}>
      {pictures > 0 ? (
        <Plural value={videos} one="# video" other="# videos" />
      ) : (
        <Plural value={videos} one="# new video" other="# new videos" />
      )}
    </Link>
  )
  if (pictures > 0 && videos > 0)
    return (
      <Trans>
        {first} and {second} since yesterday
      </Trans>
    )
  if (pictures > 0 || videos > 0) {
    const only = pictures > 0 ? first : second
    return <Trans>{only} since yesterday</Trans>
  }
  return (
    <Trans>
      <Link to="/library" search={{ q }}>
        Nothing new
      </Link>{' '}
      since yesterday
    </Trans>
  )
}

function Needed({ needs }: { needs: Need[] }) {
  const all = (reason: string) => needs.every((need) => need.reason === reason)
  if (all('login_required'))
    return <Plural value={needs.length} one="one login needs you" other="# logins need you" />
  if (all('challenge'))
    return <Plural value={needs.length} one="one check needs you" other="# checks need you" />
  return <Plural value={needs.length} one="one thing needs you" other="# things need you" />
}

/** Clauses as one sentence, joined as the language joins them. */
function Listed({ children }: { children: ReactNode[] }) {
  const parts = new Intl.ListFormat(i18n.locale).formatToParts(children.map((_, index) => String(index)))
  return (
    <>
      {parts.map((part, index) => (
        <Fragment key={index}>{part.type === 'element' ? children[Number(part.value)] : part.value}</Fragment>
      ))}
      .
    </>
  )
}
