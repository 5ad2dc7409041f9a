using System.Reflection;
using Platform.Host;

namespace Platform.ArchitectureTests;

/// <summary>The subjects of the tests, found by scanning files and assemblies.</summary>
internal static class Sources
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folders of src/Modules.</summary>
    public static IReadOnlyList<string> ModuleNames { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src", "Modules")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    /// <summary>The modules' implementations.</summary>
    public static IReadOnlyList<Assembly> Modules { get; } = [.. ModuleCatalog.Modules.Select(module => module.GetType().Assembly)];

    /// <summary>The modules' Contracts.</summary>
    public static IReadOnlyList<Assembly> Contracts { get; } =
        [.. Modules.Select(module => Assembly.Load($"{module.GetName().Name}.Contracts"))];

    /// <summary>C# files below a folder of the repository, without what the build makes.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern = "*.cs") =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))];

    /// <summary>A file's path in the repository.</summary>
    public static string Short(string file) => Path.GetRelativePath(Root, file);

    /// <summary>The first column of a table in a document.</summary>
    public static IReadOnlyList<string> FirstColumn(string document) =>
        [.. File.ReadAllLines(Path.Combine(Root, "docs", document))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1])];

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Platform.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return folder;
    }
}
