export function SignIn() {
  return <div className="body" />
}
