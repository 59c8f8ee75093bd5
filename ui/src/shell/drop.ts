/** What stands under the bar once it holds a link, in one file. */
export { LinkOptions } from './LinkOptions'
export { LinkPreview } from './LinkPreview'
export { SentRows } from './SentRows'
