namespace Platform.LocalSupabase.Auth.Import;

/// <summary>What became of the users of a file. Users are named by their place in it and their id, never by an address.</summary>
/// <param name="Added">Users that are new.</param>
/// <param name="AlreadyThere">Users that an earlier import, or a sign-up with the same id, has made.</param>
/// <param name="Notes">What of an added user was left out.</param>
/// <param name="Failures">Users that were not added, each with its reason.</param>
public sealed record AuthImportReport(int Added, int AlreadyThere, IReadOnlyList<string> Notes, IReadOnlyList<string> Failures);
