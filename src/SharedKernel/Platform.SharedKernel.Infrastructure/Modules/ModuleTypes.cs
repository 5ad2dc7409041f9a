using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Platform.SharedKernel.Infrastructure.Modules;

/// <summary>
/// The classes of an assembly that may be registered: handlers, validators, events and models. They are chosen by the assembly's metadata,
/// for <see cref="Assembly.GetTypes"/> loads every type there is, and every assembly that one of them derives from, for good.
/// </summary>
internal static class ModuleTypes
{
    private static readonly HashSet<string> Contracts =
    [
        typeof(IRequestHandler<,>).Name, typeof(INotificationHandler<>).Name, typeof(IValidator<>).Name, typeof(IEntityTypeConfiguration<>).Name,
    ];

    // What derives from these and implements no contract is none of those classes.
    private static readonly HashSet<string> Roots =
        ["Object", "ValueType", "Enum", "MulticastDelegate", "Attribute", "Exception", "JsonConverter`1", "JsonSerializerContext", "Stream"];

    private static readonly ConcurrentDictionary<Assembly, ImmutableArray<Type>> Known = new();

    /// <summary>Classes that are not abstract and implement one of the contracts, or derive from a class of another assembly.</summary>
    /// <param name="assembly">A module or its contracts.</param>
    /// <returns>The types, in the order of their full names.</returns>
    public static ImmutableArray<Type> Of(Assembly assembly) => Known.GetOrAdd(assembly, Find);

    /// <summary>The classes that implement a generic contract, with what it is constructed of; one that does so twice comes twice.</summary>
    /// <param name="contract">The open generic interface.</param>
    /// <param name="assembly">A module or its contracts.</param>
    /// <returns>Pairs of the constructed contract and the class.</returns>
    public static IEnumerable<(Type Contract, Type Class)> Implementing(Type contract, Assembly assembly) =>
        from type in Of(assembly)
        from constructed in type.GetInterfaces()
        where constructed.IsGenericType && constructed.GetGenericTypeDefinition() == contract
        select (constructed, type);

    private static ImmutableArray<Type> Find(Assembly assembly)
    {
        IEnumerable<Type> types = assembly.Location.Length == 0 ? assembly.GetTypes() : ReadFrom(assembly);
        return [.. types.Where(type => type is { IsClass: true, IsAbstract: false }).OrderBy(type => type.FullName, StringComparer.Ordinal)];
    }

    private static List<Type> ReadFrom(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location), PEStreamOptions.PrefetchMetadata);
        var metadata = file.GetMetadataReader();
        return
        [
            .. from handle in metadata.TypeDefinitions
               where (metadata.GetTypeDefinition(handle).Attributes & (TypeAttributes.Abstract | TypeAttributes.Interface)) == 0
               where MayBeRegistered(metadata, handle)
               select assembly.ManifestModule.ResolveType(MetadataTokens.GetToken(handle)),
        ];
    }

    private static bool MayBeRegistered(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        if (type.GetInterfaceImplementations().Any(implementation =>
            Contracts.Contains(NameOf(metadata, metadata.GetInterfaceImplementation(implementation).Interface))))
        {
            return true;
        }

        return Definition(metadata, type.BaseType) switch
        {
            { IsNil: true } => false,
            { Kind: HandleKind.TypeDefinition } own => MayBeRegistered(metadata, (TypeDefinitionHandle)own),
            var foreign => !Roots.Contains(NameOf(metadata, foreign)),
        };
    }

    private static string NameOf(MetadataReader metadata, EntityHandle type) => Definition(metadata, type) switch
    {
        { Kind: HandleKind.TypeDefinition } own => metadata.GetString(metadata.GetTypeDefinition((TypeDefinitionHandle)own).Name),
        { Kind: HandleKind.TypeReference } foreign => metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)foreign).Name),
        _ => "",
    };

    // A constructed type, such as IValidator<Order>, is a signature: GENERICINST, CLASS or VALUETYPE, the generic type (ECMA-335, II.23.2.14).
    private static EntityHandle Definition(MetadataReader metadata, EntityHandle type)
    {
        if (type.Kind != HandleKind.TypeSpecification)
        {
            return type;
        }

        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)type).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return default;
        }

        signature.ReadByte();
        return signature.ReadTypeHandle();
    }
}
