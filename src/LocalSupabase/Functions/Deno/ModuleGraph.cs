using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Functions.Deno;

/// <summary>
/// Loads all modules of a function into Deno's cache before it is run, and refuses one that imports a file of somebody else: Deno's
/// permissions do not hold for static imports, and <c>with { type: "text" }</c> reads any file.
/// </summary>
internal sealed class ModuleGraph(ILogger<ModuleGraph> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <exception cref="FunctionsException">A module cannot be loaded, or lies where the function may not look.</exception>
    public async Task LoadAsync(string deno, string cache, FunctionSource source, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(cache);
        string[] where = source switch
        {
            { ConfigFile: { } config } => ["--config", config],
            { ImportMap: { } map } => ["--no-config", "--import-map", map],
            _ => ["--no-config"],
        };
        await RunAsync(deno, cache, ["cache", "--quiet", "--no-lock", .. where, source.EntryPoint], source, cancellationToken);
        var graph = await RunAsync(deno, cache, ["info", "--json", "--no-lock", .. where, source.EntryPoint], source, cancellationToken);
        Check(graph, source);
    }

    private void Check(string graph, FunctionSource source)
    {
        var allowed = source.Folders.Select(Real).Concat(source.Files.Select(Real)).ToList();
        foreach (var module in JsonElement.Parse(graph).GetProperty("modules").EnumerateArray())
        {
            var specifier = module.GetProperty("specifier").GetString()!;
            if (Uri.TryCreate(specifier, UriKind.Absolute, out var uri) && uri.IsFile
                && !allowed.Exists(place => Holds(place, Real(uri.LocalPath))))
            {
                logger.FunctionModuleRefused(source.Name, specifier);
                throw FunctionsException.NotStarted();
            }
        }
    }

    private static bool Holds(string place, string path) =>
        path == place || path.StartsWith(place + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Where a path leads once links are followed.</summary>
    private static string Real(string path) => LibC.RealPath(path) ?? Path.GetFullPath(path);

    private async Task<string> RunAsync(
        string deno, string cache, string[] arguments, FunctionSource source, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(deno, arguments)
        {
            WorkingDirectory = source.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in DenoEnvironment.Fixed(cache))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw FunctionsException.NotStarted();
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            if (process.ExitCode == 0)
            {
                return await output;
            }

            logger.FunctionModulesNotLoaded(source.Name, (await errors).Trim());
            throw FunctionsException.NotStarted();
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
