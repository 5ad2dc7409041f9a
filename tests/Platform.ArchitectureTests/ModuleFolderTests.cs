using Platform.Host;

namespace Platform.ArchitectureTests;

public sealed class ModuleFolderTests
{
    [Test]
    public void Every_module_folder_is_in_the_catalogue()
    {
        Assert.That(Sources.ModuleNames, Has.Count.GreaterThan(3));
        Assert.That(
            ModuleCatalog.Modules.Select(module => module.GetType().Assembly.GetName().Name),
            Is.EquivalentTo(Sources.ModuleNames.Select(name => $"Platform.{name}")));
    }

    [Test]
    public void Every_module_folder_has_contracts_a_readme_migrations_and_tests() =>
        Assert.Multiple(() =>
        {
            foreach (var name in Sources.ModuleNames)
            {
                var folder = Path.Combine(Sources.Root, "src", "Modules", name);
                Assert.That(Directory.Exists(Path.Combine(folder, $"Platform.{name}.Contracts")), Is.True, $"{name} has no Contracts");
                Assert.That(File.Exists(Path.Combine(folder, "README.md")), Is.True, $"{name} has no README");
                Assert.That(
                    Directory.GetFiles(Path.Combine(Sources.Root, "migrations", name.ToLowerInvariant()), "*.sql"), Is.Not.Empty, name);
                Assert.That(Sources.Files($"tests/Platform.{name}.Tests"), Is.Not.Empty, $"{name} has no tests");
            }
        });
}
