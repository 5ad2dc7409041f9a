namespace Platform.Workflows.Definitions;

/// <summary>Something wrong with a definition, and where.</summary>
internal sealed record DefinitionFault(string Path, string Code, string Message);
