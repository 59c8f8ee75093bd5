import { Trans, useLingui } from '@lingui/react/macro'
import { Plus, X } from 'lucide-react'
import { useId, useState, type RefObject } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { tagsQuery } from '../../api/tags'
import { useRested } from '../../parts/useRested'
import { formatNumber } from '../../words/format'
import { write } from '../../words/query'
import type { useEdit, Media } from './media'

interface TagsProps {
  media: Media
  edit: ReturnType<typeof useEdit>
  /** Whether tags may be put on and taken off here. */
  may: boolean
  field?: RefObject<HTMLInputElement | null>
}

/** The tags of a media, and the field that adds one. */
export function Tags({ media, edit, may, field }: TagsProps) {
  const { t } = useLingui()
  const list = useId()
  const [text, setText] = useState('')
  const prefix = useRested(text.trim())
  const known = useQuery({ ...tagsQuery(prefix), enabled: may && prefix !== '' })
  const has = (tag: string) => media.tags.some((one) => one.toLowerCase() === tag.toLowerCase())
  const add = (tag: string) => {
    setText('')
    if (tag === '' || has(tag)) return
    edit.mutate({
      body: { tags_add: [tag] },
      guess: { tags: [...media.tags, tag] },
      said: <Trans>Tagged “{tag}”.</Trans>,
    })
  }
  const remove = (tag: string) =>
    edit.mutate({
      body: { tags_remove: [tag] },
      guess: { tags: media.tags.filter((one) => one !== tag) },
      said: <Trans>Tag “{tag}” removed.</Trans>,
    })
  return (
    <div className="tags col">
      {media.tags.length > 0 && (
        <ul className="row wrap">
          {media.tags.map((tag) => (
            <li key={tag} className="chip">
              <Link to="/library" search={{ q: write('tag', [tag]) }}>
                {tag}
              </Link>
              {may && (
                <button type="button" aria-label={t`Remove tag ${tag}`} onClick={() => remove(tag)}>
                  <X className="icon" aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {may && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            add(text.trim())
          }}
        >
          <label className="add">
            <Plus className="icon" aria-hidden />
            <input
              ref={field}
              value={text}
              list={list}
              maxLength={100}
              aria-label={t`Add a tag`}
              placeholder={t`Add a tag`}
              onChange={(event) => setText(event.target.value)}
            />
            <kbd className="desk">T</kbd>
          </label>
          <datalist id={list}>
            {known.data?.items
              .filter((one) => !has(one.value))
              .map((one) => (
                <option key={one.value} value={one.value} label={formatNumber(one.count)} />
              ))}
          </datalist>
        </form>
      )}
    </div>
  )
}
