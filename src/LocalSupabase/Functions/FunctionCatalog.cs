using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Tomlyn;
using Tomlyn.Model;

namespace Platform.LocalSupabase.Functions;

/// <summary>
/// Finds functions where the Supabase CLI keeps them: <c>functions/NAME/index.ts</c>, with <c>[functions.NAME]</c> of
/// <c>config.toml</c> beside the folder.
/// </summary>
internal sealed partial class FunctionCatalog(LocalSupabaseOptions options, ILogger<FunctionCatalog> logger)
{
    private const string DefaultDirectory = "supabase/functions";

    private static readonly string[] EntryPoints = ["index.ts", "index.tsx", "index.js", "index.mjs"];

    /// <summary>The folder of all functions.</summary>
    public string Root { get; } = Locate(options.Functions.Directory);

    /// <summary>The variables of <c>.env</c>, under those of the configuration.</summary>
    public Dictionary<string, string> Secrets()
    {
        var secrets = EnvFile.Read(Path.Combine(Root, ".env"));
        foreach (var (name, value) in options.Functions.Secrets.Where(secret => EnvFile.IsName(secret.Key)))
        {
            secrets[name] = value;
        }

        return secrets;
    }

    /// <summary>The function of that name; null when there is none, or it is switched off.</summary>
    public FunctionSource? Find(string name)
    {
        var folder = Path.Combine(Root, name);
        if (!Name().IsMatch(name) || !Directory.Exists(folder))
        {
            return null;
        }

        var settings = SettingsOf(name);
        var entryPoint = PlaceOf(settings, "entrypoint")
            ?? EntryPoints.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        if (entryPoint is null || !File.Exists(entryPoint) || Flag(settings, "enabled") == false)
        {
            return null;
        }

        var config = First(Path.Combine(folder, "deno.json"), Path.Combine(folder, "deno.jsonc"), Path.Combine(Root, "deno.json"));
        var map = PlaceOf(settings, "import_map") ?? First(Path.Combine(folder, "import_map.json"), Path.Combine(Root, "import_map.json"));
        return new FunctionSource(name, Root, entryPoint, Flag(settings, "verify_jwt") ?? true, config, config is null ? map : null);
    }

    /// <summary>A number that differs when a file of the function, a shared one or a setting has changed.</summary>
    public int StampOf(FunctionSource source)
    {
        var stamp = default(HashCode);
        var files = source.Folders
            .SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
            .Concat(source.Files.Append(Path.Combine(Root, ".env")).Append(ConfigPath).Select(path => new FileInfo(path)))
            .Where(file => file.Exists)
            .OrderBy(file => file.FullName, StringComparer.Ordinal);
        foreach (var file in files)
        {
            stamp.Add(file.FullName);
            stamp.Add(file.LastWriteTimeUtc);
            stamp.Add(file.Length);
        }

        return stamp.ToHashCode();
    }

    private string ConfigPath => Path.Combine(Path.GetDirectoryName(Root)!, "config.toml");

    private static string Locate(string? configured)
    {
        if (!string.IsNullOrWhiteSpace(configured))
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(configured));
        }

        var here = Path.GetFullPath(DefaultDirectory);
        return Directory.Exists(here) ? here : Path.Combine(AppContext.BaseDirectory, DefaultDirectory);
    }

    private TomlTable SettingsOf(string name)
    {
        if (!File.Exists(ConfigPath))
        {
            return [];
        }

        try
        {
            return TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(ConfigPath)) is { } config
                && config.TryGetValue("functions", out var all) && all is TomlTable functions
                && functions.TryGetValue(name, out var one) && one is TomlTable settings ? settings : [];
        }
        catch (TomlException exception)
        {
            // Without its settings a function might be open to everybody, so none is served.
            logger.FunctionsConfigUnreadable(exception, ConfigPath);
            throw FunctionsException.Unavailable("supabase/config.toml cannot be read (please check logs)");
        }
    }

    private static bool? Flag(TomlTable settings, string key) =>
        settings.TryGetValue(key, out var value) && value is bool flag ? flag : null;

    /// <summary>A path of the configuration, which counts from the folder that holds it and may not lead out of the functions'.</summary>
    private string? PlaceOf(TomlTable settings, string key)
    {
        if (!settings.TryGetValue(key, out var value) || value is not string { Length: > 0 } path)
        {
            return null;
        }

        var full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Root)!, path));
        return full.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? full : null;
    }

    private static string? First(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,99}$")]
    private static partial Regex Name();
}
