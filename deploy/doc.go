// Package deploy brings stacks up, changes them and takes them down through the real Pulumi engine, as a library for a
// platform team's own tools. The aplomb command is one such tool.
//
//	stack, err := deploy.Open(deploy.Options{Stack: "prod", Target: deploy.AWS()})
//	preview, err := stack.Preview(ctx)
//	result, err := stack.Up(ctx, deploy.UpOptions{})
//
// It adds to the engine what the engine alone does not promise:
//
//   - Nothing protected is replaced or deleted unless it is unlocked by name, and a refusal comes before anything is done.
//     The engine finds out about protection while it works, when other steps are already taken.
//   - What is written is what was previewed: the engine is held to the plan of the preview that passed the gate.
//   - Where a stack goes (AWS or a sandbox) is recorded when it is first brought up and never guessed afterwards.
//   - What an operation left open when it was cut off is settled before the next one does anything: nothing is lost to the state,
//     and nothing is made twice.
//   - The user's files are never written. An operation works in a private copy of the project.
//   - Bad configuration is refused whole, before any engine is started.
//
// Every error can be told apart with errors.Is and errors.As, however it is wrapped.
package deploy
