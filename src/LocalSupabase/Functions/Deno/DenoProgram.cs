using System.Runtime.InteropServices;

namespace Platform.LocalSupabase.Functions.Deno;

/// <summary>Finds the programs that functions are run with.</summary>
internal static class DenoProgram
{
    private const string MissingDeno =
        "Deno was not found. Install it (\"npm ci --prefix supabase\" brings the pinned one), put it on the PATH, "
        + "or set Functions:DenoPath.";

    private const string MissingBubblewrap =
        "bubblewrap was not found, which keeps functions from the files of this machine. Install it (\"apt install bubblewrap\"), or set "
        + "Functions:Sandbox to None where every function is trusted.";

    /// <summary>The configured program, else the one on the PATH, else that of the npm package.</summary>
    public static string FindDeno(string? configured, string functionsRoot)
    {
        if (!string.IsNullOrWhiteSpace(configured))
        {
            return File.Exists(configured)
                ? Path.GetFullPath(configured)
                : throw FunctionsException.Unavailable($"Functions:DenoPath ({configured}) is no file.");
        }

        return OnPath("deno") ?? InPackage(functionsRoot) ?? throw FunctionsException.Unavailable(MissingDeno);
    }

    public static string FindBubblewrap() => OnPath("bwrap") ?? throw FunctionsException.Unavailable(MissingBubblewrap);

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>As Node resolves packages: in node_modules of the folder and of every one above it.</summary>
    private static string? InPackage(string functionsRoot)
    {
        var machine = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var package = Path.Combine("node_modules", "@deno", $"linux-{machine}-glibc", "deno");
        return new[] { functionsRoot, Environment.CurrentDirectory, AppContext.BaseDirectory }
            .SelectMany(Upwards)
            .SelectMany(folder => new[] { Path.Combine(folder, package), Path.Combine(folder, "supabase", package) })
            .FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> Upwards(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            yield return folder.FullName;
        }
    }
}
