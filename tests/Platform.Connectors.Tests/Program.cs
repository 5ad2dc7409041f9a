using Platform.Connectors.DuckDb;

// The test runner loads the assembly and never comes here; a worker of the tests does.
return args is [DuckDbWorkerVerb.VerbName, .. var arguments] ? await new DuckDbWorkerVerb().RunAsync(arguments, CancellationToken.None) : 2;
