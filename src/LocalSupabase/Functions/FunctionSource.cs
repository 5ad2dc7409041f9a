namespace Platform.LocalSupabase.Functions;

/// <summary>One function as it stands on disk.</summary>
/// <param name="Name">Its name, which is its folder's.</param>
/// <param name="Root">The folder of all functions.</param>
/// <param name="EntryPoint">The module that is run, below <paramref name="Root"/>.</param>
/// <param name="VerifyJwt">Whether a call needs a token of this project.</param>
/// <param name="ConfigFile">Its <c>deno.json</c>, if it has one.</param>
/// <param name="ImportMap">Its import map, if it has one apart from that file.</param>
internal sealed record FunctionSource(string Name, string Root, string EntryPoint, bool VerifyJwt, string? ConfigFile, string? ImportMap)
{
    /// <summary>The places that it may import from: its own folder, the shared ones (<c>_shared</c>), and its configuration.</summary>
    public IReadOnlyList<string> Folders =>
        [Path.Combine(Root, Name), .. Directory.EnumerateDirectories(Root, "_*").Order(StringComparer.Ordinal)];

    /// <summary>Files outside of those folders that it needs.</summary>
    public IEnumerable<string> Files => new[] { ConfigFile, ImportMap }.OfType<string>();
}
